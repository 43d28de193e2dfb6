namespace Blobs.Interop.Oracles;

/// <summary>
/// The real programs to compare with. One that is missing skips a test on a developer's machine, and fails it where
/// <c>BLOBS_INTEROP=required</c> says that everything was installed.
/// </summary>
internal static class Oracle
{
    private static readonly string[] AlsoLookIn = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    public static bool Required => Environment.GetEnvironmentVariable("BLOBS_INTEROP") == "required";

    /// <summary>The full path of a program that this test cannot do without.</summary>
    public static string Need(string program)
    {
        string? path = Find(program);
        if (path is null)
        {
            Miss($"{program} is not installed: .ci/run says from which Debian package it comes");
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
            Miss("this test makes devices and owners: it needs root");
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
