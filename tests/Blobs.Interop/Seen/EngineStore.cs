using System.Text;

namespace Blobs.Interop.Seen;

/// <summary>A data root on disk, read the way an engine reads it: layerdb first, the driver's folders through it.</summary>
internal sealed class EngineStore(string root, string driver = "overlay2")
{
    private string LayerFolders => Path.Combine(root, "image", driver, "layerdb", "sha256");

    private string DriverFolder => Path.Combine(root, driver);

    public StoredLayer Layer(string chainId)
    {
        string folder = Path.Combine(LayerFolders, Hex(chainId));
        Assert.True(Directory.Exists(folder), $"{root} holds no layer {chainId}");
        string cacheId = Read(folder, "cache-id")!;
        string own = driver == "vfs" ? Path.Combine(DriverFolder, "dir", cacheId) : Path.Combine(DriverFolder, cacheId);
        return new StoredLayer(chainId, Read(folder, "diff")!, Read(folder, "parent"), cacheId)
        {
            Size = Read(folder, "size")!,
            Folder = folder,
            DriverFolder = own,
            Tree = driver == "vfs" ? own : Path.Combine(own, driver == "overlay" ? "root" : "diff"),
            Link = driver == "overlay2" ? Read(own, "link") : null,
        };
    }

    /// <summary>
    /// Everything around the trees: names, modes, owners and contents of layerdb and of the driver's own files. Random
    /// identifiers are replaced by the layer they stand for, in the order of <paramref name="chainIds"/>.
    /// </summary>
    public string Bookkeeping(IReadOnlyList<string> chainIds)
    {
        var text = new StringBuilder();
        StoredLayer[] layers = [.. chainIds.Select(Layer)];
        foreach (string folder in new[] { "image", $"image/{driver}", $"image/{driver}/layerdb", $"image/{driver}/layerdb/sha256", driver })
        {
            text.Append($"{folder} {Line(Path.Combine(root, folder))}\n");
        }

        if (driver == "overlay2")
        {
            text.Append($"overlay2/l {Line(Path.Combine(DriverFolder, "l"))}\n");
        }

        for (int number = 0; number < layers.Length; number++)
        {
            Describe(layers[number], number, text);
        }

        for (int number = 0; number < layers.Length; number++)
        {
            text.Replace(layers[number].CacheId, $"<cache {number}>");
            text.Replace(layers[number].Link ?? layers[number].CacheId, $"<link {number}>");
        }

        return text.ToString();
    }

    private void Describe(StoredLayer layer, int number, StringBuilder text)
    {
        text.Append($"layer {number} {Line(layer.Folder)}\n");
        foreach (string file in Directory.GetFiles(layer.Folder).Order(StringComparer.Ordinal))
        {
            bool binary = file.EndsWith(".gz", StringComparison.Ordinal);
            text.Append($"layer {number}/{Path.GetFileName(file)} {Line(file)} {(binary ? "" : File.ReadAllText(file))}\n");
        }

        text.Append($"cache {number} {Line(layer.DriverFolder)}\n");
        if (driver == "vfs")
        {
            return;
        }

        foreach (string entry in Directory.GetFileSystemEntries(layer.DriverFolder).Order(StringComparer.Ordinal))
        {
            text.Append($"cache {number}/{Path.GetFileName(entry)} {Line(entry)} {(File.Exists(entry) ? File.ReadAllText(entry) : "")}\n");
        }

        if (layer.Link is not null)
        {
            text.Append($"l/{layer.Link} {Line(Path.Combine(DriverFolder, "l", layer.Link))}\n");
        }
    }

    // What TreeListing says of the one name, without its contents: they may be random identifiers.
    private static string Line(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        byte[] status = NativeFiles.Statx(name);
        int mode = BitConverter.ToUInt16(status, 28);
        string target = (mode & 0xF000) == 0xA000 ? $" -> {ByteText.Escape(NativeFiles.ReadLink(name))}" : string.Empty;
        return $"mode={Convert.ToString(mode, 8)} owner={BitConverter.ToUInt32(status, 20)}:{BitConverter.ToUInt32(status, 24)}{target}";
    }

    private static string? Read(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    private static string Hex(string digest) => digest["sha256:".Length..];
}
