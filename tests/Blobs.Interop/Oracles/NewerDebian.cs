using Blobs.Testing;

namespace Blobs.Interop.Oracles;

/// <summary>Programs of the Debian after this one, in a root that <c>BLOBS_DEBIAN13</c> names: made, for example, by
/// <c>mmdebstrap --include=podman,runc,skopeo,docker.io,docker-cli trixie DIR</c>.</summary>
internal static class NewerDebian
{
    private const string Variable = "BLOBS_DEBIAN13";

    // Its mounts are its own, and its root is one of them: runc refuses to start a container in a mere chroot. The folder has the same path
    // inside, because engines remember paths.
    private const string Script =
        """
        set -e
        root=$1 folder=$2
        shift 2
        mkdir -p "$root$folder" "$root/outside"
        mount --bind "$root" "$root"
        for mount in /proc /sys /dev "$folder"; do mount --rbind "$mount" "$root$mount"; done
        cd "$root"
        pivot_root . outside
        umount --lazy /outside
        exec chroot . "$@"
        """;

    /// <summary>A call of one of its programs.</summary>
    /// <param name="folder">The folder that it shares with this machine.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Command In(string folder, string program, params string[] arguments)
    {
        string? root = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(root) || !new[] { "usr/bin", "usr/sbin" }.Any(bin => File.Exists(Path.Combine(root, bin, program))))
        {
            Assert.Skip($"{Variable} names no root of Debian 13 with {program}");
        }

        return new(
            Installed.Need("unshare", "util-linux"),
            ["--mount", "--propagation", "private", "sh", "-c", Script, "sh", root, folder, program, .. arguments])
        {
            Environment = new Dictionary<string, string> { ["PODMAN_IGNORE_CGROUPSV1_WARNING"] = "1" },
        };
    }
}
