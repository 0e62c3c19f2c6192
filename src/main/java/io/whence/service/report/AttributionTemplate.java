package io.whence.service.report;

import io.quarkus.qute.TemplateInstance;
import java.util.List;

/** The page's fields, as {@code templates/AttributionTemplate.html} names them. */
record AttributionTemplate(
    String style,
    String id,
    String createdAt,
    String index,
    List<Lines.Entry> hashes,
    String prompt,
    List<Lines.Segment> output,
    String measurement,
    List<Lines.Row> works,
    List<Lines.Explained> explained,
    List<Lines.Pair> pairs,
    String risk,
    String riskReason,
    List<Lines.Entry> gates,
    List<Lines.Entry> factors,
    List<String> missingFacts,
    List<String> disclaimers,
    List<Lines.Entry> credits,
    String unattributed,
    String unattributedReason,
    String recall,
    String certificate,
    List<String> limits,
    List<Lines.Entry> provenance)
    implements TemplateInstance {}
