namespace Blobs.Interop;

/// <summary>The command under test: <c>BLOBS</c> names it, otherwise the one built beside these tests.</summary>
internal static class BlobsCommand
{
    public static string Path { get; } = Locate();

    /// <summary>The same as people run it, which starts in milliseconds, where <c>BLOBS_NATIVE</c> names it.</summary>
    public static string Native { get; } = Environment.GetEnvironmentVariable("BLOBS_NATIVE") is { Length: > 0 } native ? native : Path;

    public static bool IsNative { get; } = Native != Path;

    public static Command With(params string[] arguments) => new(Path, arguments);

    public static Task<CommandResult> RunAsync(params string[] arguments) => With(arguments).RunAsync();

    /// <summary>Puts one layer into a store and returns what the command said about it.</summary>
    public static async Task<IngestedLayer> IngestAsync(
        string file, string root, string? parent = null, string driver = "overlay2", params string[] more)
    {
        string[] onParent = parent is null ? [] : ["--parent", parent];
        CommandResult result =
            await With(["ingest", file, "--root", root, "--driver", driver, .. onParent, .. more, "--json"]).SucceedAsync();
        return IngestedLayer.Parse(result);
    }

    /// <summary>Puts layers into a store, each on top of the one before.</summary>
    public static async Task<IReadOnlyList<IngestedLayer>> IngestStackAsync(
        IEnumerable<string> files, string root, string driver = "overlay2")
    {
        var layers = new List<IngestedLayer>();
        foreach (string file in files)
        {
            layers.Add(await IngestAsync(file, root, layers.LastOrDefault()?.ChainId, driver));
        }

        return layers;
    }

    private static string Locate()
    {
        string? named = Environment.GetEnvironmentVariable("BLOBS");
        if (!string.IsNullOrEmpty(named))
        {
            return named;
        }

        // tests/Blobs.Interop/bin/<Configuration>/net10.0 says which configuration was built.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string configuration = here.Parent!.Name;
        return System.IO.Path.Combine(Repository.Root, "src", "Blobs.Cli", "bin", configuration, here.Name, "blobs");
    }
}
