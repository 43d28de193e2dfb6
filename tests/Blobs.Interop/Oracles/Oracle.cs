using Blobs.Testing;

namespace Blobs.Interop.Oracles;

/// <summary>The real programs to compare with, and what else a test needs of this machine.</summary>
internal static class Oracle
{
    // Debian's package, where it has another name than its program.
    private static readonly Dictionary<string, string> Packages = new()
    {
        ["busybox"] = "busybox-static",
        ["ctr"] = "containerd",
        ["docker"] = "docker.io",
        ["dockerd"] = "docker.io",
        ["dump.erofs"] = "erofs-utils",
        ["fsck.erofs"] = "erofs-utils",
        ["htpasswd"] = "apache2-utils",
        ["prlimit"] = "util-linux",
        ["script"] = "bsdutils",
        ["setpriv"] = "util-linux",
        ["xz"] = "xz-utils",
    };

    /// <inheritdoc cref="Installed.Need"/>
    public static string Need(string program) => Installed.Need(program, Packages.GetValueOrDefault(program, program));

    /// <summary>Owners, devices and trusted attributes are for root only.</summary>
    public static void NeedRoot()
    {
        if (!string.Equals(Environment.UserName, "root", StringComparison.Ordinal))
        {
            Installed.Miss("run as root: devices, owners and mounts are made");
        }
    }

    /// <summary>The kernel must know a file system.</summary>
    public static void NeedFileSystem(string name)
    {
        if (!File.ReadLines("/proc/filesystems").Any(line => line.Split('\t')[^1] == name))
        {
            Installed.Miss($"the kernel does not know {name}: modprobe {name}");
        }
    }

    /// <summary>Calls are counted, and handles are scarce: the managed command needs far more of both before it starts to work.</summary>
    public static void NeedNative()
    {
        if (!BlobsCommand.IsNative)
        {
            Installed.Miss("BLOBS_NATIVE names no native program: dotnet publish -r linux-x64 src/Blobs.Cli -o DIR, then BLOBS_NATIVE=DIR/blobs");
        }
    }
}
