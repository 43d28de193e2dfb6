using System.Diagnostics;

namespace Blobs.Interop.Oracles;

/// <summary>podman and skopeo on a store of their own.</summary>
internal sealed class Podman(string root, string runRoot)
{
    /// <summary>What a container may do.</summary>
    public static readonly string[] Confined =
        ["--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"];

    public string Root => root;

    /// <summary>An image in the store, as skopeo writes it.</summary>
    public string Place(string name) => $"containers-storage:[overlay@{root}+{runRoot}]{name}";

    public async Task<string> RunAsync(params string[] arguments)
    {
        CommandResult result = await With(arguments).SucceedAsync();
        return result.Text;
    }

    /// <summary>Runs a container, and returns what it prints.</summary>
    public Task<string> RunContainerAsync(params string[] arguments) => RunAsync(["run", "--rm", .. Confined, .. arguments]);

    public Command With(params string[] arguments) => new(Oracle.Need("podman"), Words(arguments));

    /// <summary>Starts a process that the caller ends.</summary>
    public Process Start(params string[] arguments) => Process.Start(Oracle.Need("podman"), Words(arguments));

    private string[] Words(string[] arguments) =>
    [
        "--root", root, "--runroot", runRoot, "--storage-driver", "overlay", "--cgroup-manager", "cgroupfs",
        "--runtime", Oracle.Need("runc"), .. arguments,
    ];
}
