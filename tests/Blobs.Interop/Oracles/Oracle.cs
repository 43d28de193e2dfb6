namespace Blobs.Interop.Oracles;

/// <summary>
/// The real programs to compare with. One that is missing skips a test on a developer's machine, and fails it where
/// <c>BLOBS_INTEROP=required</c> says that everything was installed.
/// </summary>
internal static class Oracle
{
    private static readonly string[] AlsoLookIn = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

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

    public static bool Required => Environment.GetEnvironmentVariable("BLOBS_INTEROP") == "required";

    /// <summary>The full path of a program that this test cannot do without.</summary>
    public static string Need(string program)
    {
        string? path = Find(program);
        if (path is null)
        {
            Miss($"{program} is not installed: apt install {Packages.GetValueOrDefault(program, program)}");
        }

        return path!;
    }

    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(AlsoLookIn)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Owners, devices and trusted attributes are for root only.</summary>
    public static void NeedRoot()
    {
        if (!string.Equals(Environment.UserName, "root", StringComparison.Ordinal))
        {
            Miss("run as root: devices, owners and mounts are made");
        }
    }

    /// <summary>The kernel must know a file system.</summary>
    public static void NeedFileSystem(string name)
    {
        if (!File.ReadLines("/proc/filesystems").Any(line => line.Split('\t')[^1] == name))
        {
            Miss($"the kernel does not know {name}: modprobe {name}");
        }
    }

    /// <summary>Calls are counted, and handles are scarce: the managed command needs far more of both before it starts to work.</summary>
    public static void NeedNative()
    {
        if (!BlobsCommand.IsNative)
        {
            Miss("BLOBS_NATIVE names no native program: dotnet publish -r linux-x64 src/Blobs.Cli -o DIR, then BLOBS_NATIVE=DIR/blobs");
        }
    }

    private static void Miss(string reason)
    {
        if (Required)
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }
}
