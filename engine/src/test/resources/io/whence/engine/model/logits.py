"""Makes logits.safetensors, which CheckpointTest holds the engine to: what Hugging Face transformers
computes with the demo checkpoint. From the root of the repository, with torch and transformers
installed:

    python3 engine/src/test/resources/io/whence/engine/model/logits.py
"""

import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file

CONTEXT = 128
COLUMNS = 8  # every eighth token of the vocabulary keeps the file small

with open("data/poems-gutenberg/poems.jsonl", encoding="utf-8") as lines:
    poems = {poem["id"]: poem["text"] for poem in map(json.loads, lines)}

model = transformers.GPT2LMHeadModel.from_pretrained("models/poems-gpt", torch_dtype=torch.float32).eval()
tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file="models/poems-gpt/tokenizer.json")
ids = tokenizer(poems["percy-bysshe-shelley/4800-67"])["input_ids"][:CONTEXT]
with torch.no_grad():
    logits = model(torch.tensor([ids])).logits[0]
save_file(
    {"ids": torch.tensor(ids, dtype=torch.float32), "logits": logits[:, ::COLUMNS].contiguous()},
    pathlib.Path(__file__).with_name("logits.safetensors"),
    {"made_with": f"transformers {transformers.__version__}, torch {torch.__version__}"},
)
print(f"{len(ids)} tokens, logits {tuple(logits.shape)} from {logits.min():.3f} to {logits.max():.3f}")
