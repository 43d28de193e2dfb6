namespace Blobs.Interop.Oracles;

/// <summary>A newer podman in the root of another distribution, which <c>BLOBS_PODMAN5</c> names: made, for example, by
/// <c>mmdebstrap --include=podman,runc,skopeo trixie DIR</c>.</summary>
internal sealed class ChrootPodman(string folder)
{
    private const string Variable = "BLOBS_PODMAN5";

    // Its mounts are its own. The folder has the same path inside, because podman's database remembers the path.
    private const string Script =
        """
        set -e
        root=$1 folder=$2
        shift 2
        mkdir -p "$root$folder"
        for mount in /proc /sys /dev "$folder"; do mount --rbind "$mount" "$root$mount"; done
        exec chroot "$root" "$@"
        """;

    private static string Root => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } root
        ? root
        : Skipped($"{Variable} names no root with podman 5 or newer");

    public string Store => Path.Combine(folder, "store5");

    public Task<CommandResult> RunAsync(params string[] arguments) => In(
        ["podman", "--root", Store, "--runroot", Path.Combine(folder, "run5"), "--storage-driver", "overlay",
            "--cgroup-manager", "cgroupfs", "--runtime", "runc", .. arguments]).SucceedAsync();

    private Command In(string[] words) =>
        new(Oracle.Need("unshare"), ["--mount", "--propagation", "private", "sh", "-c", Script, "sh", Root, folder, .. words])
        {
            Environment = new Dictionary<string, string> { ["PODMAN_IGNORE_CGROUPSV1_WARNING"] = "1" },
        };

    private static string Skipped(string why)
    {
        Assert.Skip(why);
        return "";
    }
}
