using Blobs.Docker.Layers;
using Blobs.Files;
using Blobs.Hashing;

namespace Blobs.Tests.Testing;

/// <summary>A layer store in a temporary folder, and small layers for it.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly Durability _durability;

    public StoreFixture(string driver = "overlay2", Durability durability = Durability.Commit)
    {
        DriverName = driver;
        _durability = durability;
        Store = Reopen();
    }

    public string DriverName { get; }

    public LayerStore Store { get; }

    public string Root => _folder["root"];

    public string this[string name] => Path.Combine(Root, name);

    public string Layers => this[$"image/{DriverName}/layerdb/sha256"];

    public string Mounts => this[$"image/{DriverName}/layerdb/mounts"];

    public string Temporary => this[$"image/{DriverName}/layerdb/tmp"];

    /// <summary>The folder in which the driver keeps its directories.</summary>
    public string Driver => this[DriverName == "vfs" ? "vfs/dir" : DriverName];

    /// <summary>Opens the same root again, as another process would.</summary>
    public LayerStore Reopen() => LayerStore.Open(Root, new DockerRootOptions { Driver = DriverName, Durability = _durability });

    /// <summary>Creates an empty root. A missing root cannot be read.</summary>
    public void CreateRoot() => Directory.CreateDirectory(this[$"image/{DriverName}"]);

    /// <summary>Adds a layer with one file.</summary>
    public async Task<Layer> AddAsync(string name, ChainId? parent = null) =>
        await AddAsync(Archive.Of(Archive.File(name, $"content of {name}")), parent);

    public async Task<Layer> AddAsync(byte[] tar, ChainId? parent = null) =>
        (await Store.IngestAsync(new MemoryStream(tar), new LayerIngestOptions { Parent = parent })).Layer;

    /// <summary>Lists everything in the root, to compare before and after.</summary>
    public string[] List() => Directory.Exists(Root) ? TemporaryFolder.List(Root) : [];

    public void Dispose()
    {
        foreach (string directory in Directory.Exists(Driver) ? Directory.GetDirectories(Driver) : [])
        {
            LayerMounts.DetachLeftover(Path.Combine(directory, "merged"));
        }

        _folder.Dispose();
    }
}
