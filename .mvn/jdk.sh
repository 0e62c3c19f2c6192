# Sourced by ./mvnw and ./whence: leaves JAVA_HOME at a JDK of release 21 or later, the newest that
# is installed unless JAVA_HOME is already one. Packaging runs inside Maven's own JVM, so it matters
# even where a toolchain compiles. Sets whence_jdks to what was looked at; changes nothing else.

whence_release() {
  # The major release of the JDK in $1, from its release file; nothing when there is none.
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null || :
}

whence_jdks=
whence_best=21
whence_home=
case "$(whence_release "${JAVA_HOME:-}")" in
  2[1-9] | [3-9][0-9]) whence_home=$JAVA_HOME ;;
  *)
    # The java on the path is mostly a link to bin/java of a JDK.
    whence_path=$(command -v java) && whence_path=$(readlink -f "$whence_path") && whence_path=${whence_path%/bin/java} || :
    for whence_jdk in "${JAVA_HOME:-}" "${whence_path:-}" /usr/lib/jvm/* /usr/java/* /usr/local/*jdk* /opt/* /opt/java/* \
      "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
      # A run-time without a compiler would start Whence but not build it.
      [ -x "$whence_jdk/bin/javac" ] || continue
      whence_major=$(whence_release "$whence_jdk")
      [ -n "$whence_major" ] || continue
      whence_jdks="$whence_jdks $whence_major ($whence_jdk)"
      if [ "$whence_major" -ge "$whence_best" ]; then
        whence_best=$whence_major
        whence_home=$whence_jdk
      fi
    done
    ;;
esac
if [ -n "$whence_home" ]; then
  JAVA_HOME=$whence_home
  export JAVA_HOME
fi
unset whence_best whence_jdk whence_major whence_path
