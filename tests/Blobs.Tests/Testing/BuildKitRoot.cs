using Blobs.Hashing;

namespace Blobs.Tests.Testing;

/// <summary>Writes the BuildKit databases of a data root, as an engine leaves them after a build.</summary>
internal sealed class BuildKitRoot(string root)
{
    private readonly Dictionary<string, object> _snapshots = [];
    private readonly Dictionary<string, object> _records = [];

    public string Snapshots => Path.Combine(root, "buildkit", "snapshots.db");

    public string Metadata => Path.Combine(root, "buildkit", "metadata_v2.db");

    /// <summary>Returns a snapshot name of 25 letters and digits, like BuildKit's.</summary>
    public static string Name(int number) => $"{number:d4}abcdefghijklmnopqrstuvwxyz"[..25];

    /// <summary>Adds a build step whose result has become a layer.</summary>
    public BuildKitRoot WithStep(string name, string committed, ChainId layer, string description, string parent = "")
    {
        _snapshots[name] = new Dictionary<string, object> { ["chainid"] = $"{layer}", ["committed"] = committed };
        _snapshots[committed] = new Dictionary<string, object> { ["iscommitted"] = "", ["parent"] = parent };
        return WithRecord(name, description);
    }

    /// <summary>Adds the layer of a base image that a build used: a snapshot with its name, and a lease.</summary>
    public BuildKitRoot WithBase(string lease, ChainId layer)
    {
        _snapshots[$"{layer}"] = new Dictionary<string, object>();
        _snapshots[lease] = new Dictionary<string, object> { ["chainid"] = $"{layer}" };
        _records[lease] = new Dictionary<string, object>
        {
            ["cache.description"] = """{"value":"from local "}""",
            ["cache.snapshot"] = $$"""{"value":"{{layer}}"}""",
        };
        return this;
    }

    /// <summary>Adds a driver directory that is not a layer: a local source, or the output of a running step.</summary>
    public BuildKitRoot WithSnapshot(string name, string parent = "")
    {
        _snapshots[name] = new Dictionary<string, object> { ["parent"] = parent };
        return WithRecord(name, "local source for context");
    }

    /// <summary>Removes the record of a snapshot, as BuildKit does when its cache is pruned; some snapshots
    /// remain.</summary>
    public BuildKitRoot WithoutRecord(string name)
    {
        _records.Remove(name);
        return this;
    }

    public BuildKitRoot Write(int pageBytes = 4096)
    {
        Directory.CreateDirectory(Path.Combine(root, "buildkit"));
        File.WriteAllBytes(Snapshots, BoltWriter.Write(_snapshots, pageBytes));
        var metadata = new Dictionary<string, object>
        {
            ["_main"] = _records,
            ["_external"] = new Dictionary<string, object>(),
            ["_index"] = new Dictionary<string, object>(),
        };
        File.WriteAllBytes(Metadata, BoltWriter.Write(metadata, pageBytes));
        return this;
    }

    private BuildKitRoot WithRecord(string name, string description)
    {
        _records[name] = new Dictionary<string, object>
        {
            ["cache.createdAt"] = """{"value":1795963006284745767}""",
            ["cache.description"] = $$"""{"value":"{{description}}"}""",
            ["cache.equalMutable"] = "",
        };
        return this;
    }
}
