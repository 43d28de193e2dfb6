namespace Blobs.Interop.Oracles;

/// <summary>The podman of a newer Debian, on a store of its own.</summary>
internal sealed class NewerPodman(string folder)
{
    public string Store => Path.Combine(folder, "store5");

    /// <summary>Runs a container, and returns what it prints.</summary>
    public async Task<string> RunContainerAsync(string image) => (await RunAsync(
        ["run", "--rm", "--log-driver", "none", .. Podman.Confined, image])).Text;

    public Task<CommandResult> RunAsync(params string[] arguments) => NewerDebian.In(
        folder, "podman", ["--root", Store, "--runroot", Path.Combine(folder, "run5"), "--storage-driver", "overlay",
            "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", "runc", .. arguments]).SucceedAsync();
}
