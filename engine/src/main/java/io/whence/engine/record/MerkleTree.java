package io.whence.engine.record;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The hash tree of RFC 6962 (and 9162) over a log that only grows.
 *
 * <p>Its root commits to every leaf and its place. A proof of inclusion shows in {@code log2(n)}
 * hashes that a leaf is at its place under a root; a proof of consistency shows that one root's log
 * begins with another's. Not safe for several threads.
 */
public final class MerkleTree {
  /** Bytes of a hash. */
  public static final int HASH = 32;

  // levels.get(k) holds the roots of all whole subtrees of 2^k leaves, HASH bytes each, in order:
  // twice the leaves' bytes in all, and any subtree's root is at hand.
  private final List<byte[]> levels = new ArrayList<>();
  private final Sha256Digest sha256 = new Sha256Digest();
  private long size;

  /** SHA-256 with the two prefixes that keep leaves and nodes apart. */
  private static final class Sha256Digest {
    private final MessageDigest digest;

    Sha256Digest() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }

    byte[] leaf(byte[] event) {
      digest.update((byte) 0);
      return digest.digest(event);
    }

    byte[] node(byte[] left, byte[] right) {
      digest.update((byte) 1);
      digest.update(left);
      return digest.digest(right);
    }

    byte[] nothing() {
      return digest.digest();
    }
  }

  /** {@return the hash of a leaf: SHA-256 of a zero byte and the event} */
  public static byte[] leaf(byte[] event) {
    return new Sha256Digest().leaf(event);
  }

  /** {@return how many leaves there are} */
  public long size() {
    return size;
  }

  /**
   * Appends a leaf.
   *
   * @param hash of the leaf, as {@link #leaf} has it
   */
  public void append(byte[] hash) {
    if (hash.length != HASH) {
      throw new IllegalArgumentException("a hash has " + HASH + " bytes; got " + hash.length);
    }
    if (size == Integer.MAX_VALUE / HASH) {
      throw new IllegalStateException("a log in memory holds at most " + size + " events");
    }
    byte[] whole = hash;
    int level = 0;
    for (long index = size; ; index >>= 1, level++) {
      put(level, (int) index, whole);
      if ((index & 1) == 0) {
        break;
      }
      whole = sha256.node(get(level, index - 1), whole);
    }
    size++;
  }

  private void put(int level, int index, byte[] hash) {
    if (levels.size() == level) {
      levels.add(new byte[16 * HASH]);
    }
    byte[] hashes = levels.get(level);
    if (hashes.length == index * HASH) {
      hashes = Arrays.copyOf(hashes, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * hashes.length));
      levels.set(level, hashes);
    }
    System.arraycopy(hash, 0, hashes, index * HASH, HASH);
  }

  private byte[] get(int level, long index) {
    return Arrays.copyOfRange(levels.get(level), (int) index * HASH, ((int) index + 1) * HASH);
  }

  /** {@return the root over all leaves} */
  public byte[] root() {
    return root(size);
  }

  /**
   * {@return the root over the first {@code n} leaves}
   *
   * @param n at most {@link #size}
   */
  public byte[] root(long n) {
    check(0 <= n && n <= size, "a root over " + n + " of " + size + " leaves");
    return n == 0 ? sha256.nothing() : subtree(0, n);
  }

  /** {@return the root over the leaves from {@code from}, inclusive, to {@code to}} */
  private byte[] subtree(long from, long to) {
    long n = to - from;
    if (Long.bitCount(n) == 1) {
      int level = Long.numberOfTrailingZeros(n);
      return get(level, from >> level);
    }
    long left = Long.highestOneBit(n - 1);
    return sha256.node(subtree(from, from + left), subtree(from + left, to));
  }

  /**
   * {@return the hashes that lead from a leaf to the root over the first {@code n} leaves}
   *
   * @param index of the leaf, below {@code n}
   * @param n at most {@link #size}
   */
  public List<byte[]> inclusion(long index, long n) {
    check(0 <= index && index < n && n <= size, "leaf " + index + " of " + n + " of " + size);
    List<byte[]> path = new ArrayList<>();
    inclusion(index, 0, n, path);
    return path;
  }

  private void inclusion(long index, long from, long to, List<byte[]> path) {
    long n = to - from;
    if (n == 1) {
      return;
    }
    long middle = from + Long.highestOneBit(n - 1);
    if (index < middle) {
      inclusion(index, from, middle, path);
      path.add(subtree(middle, to));
    } else {
      inclusion(index, middle, to, path);
      path.add(subtree(from, middle));
    }
  }

  /**
   * {@return the hashes that show that the first {@code m} leaves are the beginning of the first
   * {@code n}}
   *
   * @param m at least 1
   * @param n at least {@code m}, at most {@link #size}
   */
  public List<byte[]> consistency(long m, long n) {
    check(1 <= m && m <= n && n <= size, m + " leaves and " + n + " of " + size);
    List<byte[]> path = new ArrayList<>();
    consistency(m, 0, n, true, path);
    return path;
  }

  private void consistency(long m, long from, long to, boolean known, List<byte[]> path) {
    long n = to - from;
    if (m == n) {
      if (!known) {
        path.add(subtree(from, to));
      }
      return;
    }
    long left = Long.highestOneBit(n - 1);
    if (m <= left) {
      consistency(m, from, from + left, known, path);
      path.add(subtree(from + left, to));
    } else {
      consistency(m - left, from + left, to, false, path);
      path.add(subtree(from, from + left));
    }
  }

  /** {@return whether a path leads from a leaf at {@code index} to the root over {@code n}} */
  public static boolean included(byte[] leaf, long index, long n, List<byte[]> path, byte[] root) {
    if (index < 0 || index >= n) {
      return false;
    }
    Sha256Digest sha256 = new Sha256Digest();
    long at = index;
    long last = n - 1;
    byte[] hash = leaf;
    for (byte[] other : path) {
      if (last == 0 || other.length != HASH) {
        return false;
      }
      if ((at & 1) == 1 || at == last) {
        hash = sha256.node(other, hash);
        while ((at & 1) == 0 && at != 0) {
          at >>= 1;
          last >>= 1;
        }
      } else {
        hash = sha256.node(hash, other);
      }
      at >>= 1;
      last >>= 1;
    }
    return last == 0 && Arrays.equals(hash, root);
  }

  /**
   * {@return whether a path shows that the log of {@code n} leaves begins with that of {@code m}}
   */
  public static boolean consistent(
      long m, byte[] earlier, long n, byte[] later, List<byte[]> path) {
    if (m < 1 || m > n) {
      return false;
    }
    if (m == n) {
      return path.isEmpty() && Arrays.equals(earlier, later);
    }
    List<byte[]> hashes = new ArrayList<>(path);
    if (Long.bitCount(m) == 1) {
      hashes.add(0, earlier);
    }
    if (hashes.isEmpty()) {
      return false;
    }
    Sha256Digest sha256 = new Sha256Digest();
    long at = m - 1;
    long last = n - 1;
    while ((at & 1) == 1) {
      at >>= 1;
      last >>= 1;
    }
    byte[] first = hashes.get(0);
    byte[] second = hashes.get(0);
    for (byte[] other : hashes.subList(1, hashes.size())) {
      if (last == 0 || other.length != HASH) {
        return false;
      }
      if ((at & 1) == 1 || at == last) {
        first = sha256.node(other, first);
        second = sha256.node(other, second);
        while ((at & 1) == 0 && at != 0) {
          at >>= 1;
          last >>= 1;
        }
      } else {
        second = sha256.node(second, other);
      }
      at >>= 1;
      last >>= 1;
    }
    return last == 0 && Arrays.equals(first, earlier) && Arrays.equals(second, later);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("there is no proof of " + what);
    }
  }
}
