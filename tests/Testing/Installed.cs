namespace Blobs.Testing;

/// <summary>
/// The programs of this machine that tests use. A program that is missing skips a test on a developer's machine, and fails
/// it where <c>BLOBS_INTEROP=required</c> says that everything was installed. With <c>BLOBS_INTEROP=none</c> no program
/// counts as installed, as on a new machine.
/// </summary>
internal static class Installed
{
    // Not everybody has the folders of system programs in the path.
    private static readonly string[] AlsoLookIn = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    private static readonly string? Interop = Environment.GetEnvironmentVariable("BLOBS_INTEROP");

    /// <summary>The full path of a program that a test cannot do without.</summary>
    public static string Need(string program, string packages)
    {
        string? path = Find(program);
        if (path is null)
        {
            Miss(Interop == "none"
                ? "BLOBS_INTEROP=none: no other program is run"
                : $"{program} is not installed: apt install {packages}");
        }

        return path!;
    }

    public static string? Find(string program) => Interop == "none"
        ? null
        : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(AlsoLookIn)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Ends a test that lacks something.</summary>
    public static void Miss(string reason)
    {
        if (Interop == "required")
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }
}
