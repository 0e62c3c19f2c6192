package io.whence.engine.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MerkleTreeTest {
  private static final HexFormat HEX = HexFormat.of();

  /** The leaves of the test vectors that certificate transparency implementations share. */
  private static final List<String> VECTOR =
      List.of(
          "",
          "00",
          "10",
          "2021",
          "3031",
          "40414243",
          "5051525354555657",
          "606162636465666768696a6b6c6d6e6f");

  private static MerkleTree vector() {
    MerkleTree tree = new MerkleTree();
    VECTOR.forEach(leaf -> tree.append(MerkleTree.leaf(HEX.parseHex(leaf))));
    return tree;
  }

  private static byte[] leaf(long i) {
    return MerkleTree.leaf(ByteBuffer.allocate(8).putLong(i).array());
  }

  private static MerkleTree tree(long leaves) {
    MerkleTree tree = new MerkleTree();
    for (long i = 0; i < leaves; i++) {
      tree.append(leaf(i));
    }
    return tree;
  }

  @ParameterizedTest(name = "{0} leaves")
  @CsvSource({
    "0, e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "1, 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "2, fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "3, aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "4, d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "5, 4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "6, 76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "7, ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "8, 5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
  })
  void has_the_published_roots(long leaves, String root) {
    assertThat(HEX.formatHex(vector().root(leaves))).isEqualTo(root);
  }

  @Test
  void proves_every_leaf_of_every_size_and_no_other() {
    MerkleTree tree = tree(70);
    for (long n = 1; n <= 70; n++) {
      byte[] root = tree.root(n);
      for (long i = 0; i < n; i++) {
        List<byte[]> path = tree.inclusion(i, n);
        assertThat(MerkleTree.included(leaf(i), i, n, path, root)).isTrue();
        assertThat(MerkleTree.included(leaf(i + 1), i, n, path, root)).isFalse();
        if (n > 1) {
          assertThat(MerkleTree.included(leaf(i), (i + 1) % n, n, path, root)).isFalse();
          assertThat(MerkleTree.included(leaf(i), i, n, path.subList(1, path.size()), root))
              .isFalse();
          List<byte[]> longer = new ArrayList<>(path);
          longer.add(root);
          assertThat(MerkleTree.included(leaf(i), i, n, longer, root)).isFalse();
        }
      }
    }
  }

  @Test
  void proves_that_every_size_begins_with_every_smaller_one() {
    MerkleTree tree = tree(40);
    MerkleTree other = new MerkleTree();
    for (long i = 0; i < 40; i++) {
      other.append(leaf(i == 3 ? 99 : i));
    }
    for (long n = 1; n <= 40; n++) {
      for (long m = 1; m <= n; m++) {
        List<byte[]> path = tree.consistency(m, n);
        assertThat(MerkleTree.consistent(m, tree.root(m), n, tree.root(n), path)).isTrue();
        if (m > 3) {
          // A log that changed event 3 cannot show that it continues ours.
          assertThat(MerkleTree.consistent(m, tree.root(m), n, other.root(n), path)).isFalse();
          assertThat(
                  MerkleTree.consistent(m, tree.root(m), n, other.root(n), other.consistency(m, n)))
              .isFalse();
        }
        if (m < n) {
          assertThat(MerkleTree.consistent(m, tree.root(n), n, tree.root(m), path)).isFalse();
        }
      }
    }
  }

  @Test
  void finds_a_dropped_an_inserted_and_a_reordered_leaf_in_the_root() {
    MerkleTree dropped = new MerkleTree();
    MerkleTree reordered = new MerkleTree();
    for (long i = 0; i < 20; i++) {
      if (i != 7) {
        dropped.append(leaf(i));
      }
      reordered.append(leaf(i == 7 ? 8 : i == 8 ? 7 : i));
    }

    assertThat(dropped.root(19)).isNotEqualTo(tree(20).root(19));
    assertThat(dropped.root(19)).isNotEqualTo(tree(20).root(20));
    assertThat(reordered.root()).isNotEqualTo(tree(20).root());
    assertThat(reordered.root(7)).isEqualTo(tree(20).root(7));
  }

  @Test
  void keeps_leaves_and_nodes_apart() {
    byte[] left = leaf(0);
    byte[] right = leaf(1);
    byte[] both = new byte[64];
    System.arraycopy(left, 0, both, 0, 32);
    System.arraycopy(right, 0, both, 32, 32);

    assertThat(MerkleTree.leaf(both)).isNotEqualTo(tree(2).root());
  }

  @Test
  void proves_a_leaf_of_a_million_within_fifty_milliseconds() {
    long n = 1_000_000;
    MerkleTree tree = tree(n);
    byte[] root = tree.root();
    List<byte[]> path = tree.inclusion(765_432, n);
    List<byte[]> grown = tree.consistency(654_321, n);
    byte[] earlier = tree.root(654_321);

    long begin = System.nanoTime();
    boolean included = MerkleTree.included(leaf(765_432), 765_432, n, path, root);
    boolean consistent = MerkleTree.consistent(654_321, earlier, n, root, grown);
    double milliseconds = (System.nanoTime() - begin) / 1e6;

    assertThat(included).isTrue();
    assertThat(consistent).isTrue();
    assertThat(path).hasSize(20);
    assertThat(milliseconds).isLessThan(50);
  }

  @Test
  void refuses_proofs_of_what_is_not_there() {
    assertThatThrownBy(() -> tree(3).inclusion(3, 3))
        .hasMessage("there is no proof of leaf 3 of 3 of 3");
    assertThatThrownBy(() -> tree(3).root(4))
        .hasMessage("there is no proof of a root over 4 of 3 leaves");
    assertThatThrownBy(() -> new MerkleTree().append("short".getBytes(UTF_8)))
        .hasMessage("a hash has 32 bytes; got 5");
    assertThat(MerkleTree.included(leaf(0), 5, 3, List.of(), leaf(0))).isFalse();
  }
}
