using System.Diagnostics;

namespace Blobs.Testing;

/// <summary>
/// An object store for the tests of this process: Ceph in memory, with two gateways. The first test that needs it starts
/// it, and it stops with the process. All tests share one bucket; each takes a prefix of its own. Programs that are
/// started afterwards find the credentials in their environment.
/// </summary>
internal static class Radosgw
{
    private const int Gateways = 2;

    private static readonly Lazy<Dictionary<string, string>> Started = new(Start);

    /// <summary>URL of the first gateway.</summary>
    public static string Endpoint => Endpoints[0];

    /// <summary>URLs of all gateways to the one store.</summary>
    public static string[] Endpoints => Started.Value["S3_ENDPOINTS"].Split(',');

    public static string Bucket => Started.Value["S3_BUCKET"];

    public static string AccessKey => Started.Value["AWS_ACCESS_KEY_ID"];

    public static string SecretKey => Started.Value["AWS_SECRET_ACCESS_KEY"];

    /// <summary>A prefix in the bucket that no other test uses.</summary>
    public static string NewPrefix() => $"{Guid.NewGuid():n}";

    /// <summary>Ends a test where the programs are missing.</summary>
    public static void Need() => Installed.Need("radosgw", "ceph-mon ceph-osd ceph-common radosgw");

    private static Dictionary<string, string> Start()
    {
        Need();
        string folder = Directory.CreateTempSubdirectory("blobs-radosgw-").FullName;
        var call = new ProcessStartInfo("/bin/bash", [Script(), "start", folder, $"{Gateways}"]) { RedirectStandardError = true };

        // The script's own watch stops the store when this process ends, however it ends.
        call.Environment["RADOSGW_OWNER"] = $"{Environment.ProcessId}";
        using Process starting = Process.Start(call)!;
        string said = starting.StandardError.ReadToEnd();
        starting.WaitForExit();
        Assert.True(starting.ExitCode == 0, said);
        var settings = File.ReadLines(Path.Combine(folder, "env"))
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        foreach ((string name, string value) in settings.Where(pair => pair.Key.StartsWith("AWS_", StringComparison.Ordinal)))
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        // docker-registry 2.8 ends with a panic when this is set.
        Environment.SetEnvironmentVariable("AWS_CA_BUNDLE", null);
        return settings;
    }

    private static string Script()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string script = Path.Combine(folder, "tests/Testing/radosgw.sh");
            if (File.Exists(script))
            {
                return script;
            }
        }

        throw new FileNotFoundException("tests/Testing/radosgw.sh is above no folder of this program");
    }
}
