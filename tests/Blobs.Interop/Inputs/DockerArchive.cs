using System.Formats.Tar;
using System.Text.Json;

namespace Blobs.Interop.Inputs;

/// <summary>An archive for <c>docker load</c>, and the layers inside one from <c>docker save</c>.</summary>
internal static class DockerArchive
{
    public static void Write(string path, string name, IReadOnlyList<string> layerTars, params string[] command)
    {
        byte[] config = ImageConfig.Build([.. layerTars.Select(Sha256Text.OfFile)], command);
        string configName = Sha256Text.Of(config)["sha256:".Length..] + ".json";
        string[] layerNames = [.. Enumerable.Range(0, layerTars.Count).Select(number => $"{number}/layer.tar")];
        byte[] manifest = JsonSerializer.SerializeToUtf8Bytes(
            new[] { new { Config = configName, RepoTags = new[] { name }, Layers = layerNames } });

        using var archive = new TarWriter(File.Create(path));
        Put(archive, configName, new MemoryStream(config));
        for (int number = 0; number < layerTars.Count; number++)
        {
            Put(archive, layerNames[number], File.OpenRead(layerTars[number]));
        }

        Put(archive, "manifest.json", new MemoryStream(manifest));
    }

    /// <summary>The digests of the layers in an archive, bottom first.</summary>
    public static IReadOnlyList<string> LayerDigests(string path)
    {
        var digests = new Dictionary<string, string>();
        string[] order = [];
        using var archive = new TarReader(File.OpenRead(path));
        while (archive.GetNextEntry() is TarEntry entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            if (entry.Name == "manifest.json")
            {
                order = JsonDocument.Parse(content.ToArray()).RootElement[0].GetProperty("Layers").Deserialize<string[]>()!;
            }
            else if (entry.EntryType == TarEntryType.SymbolicLink)
            {
                // An engine writes a layer that it already wrote as a link: "../<other>/layer.tar".
                digests[entry.Name] = digests[entry.LinkName["../".Length..]];
            }
            else
            {
                digests[entry.Name] = Sha256Text.Of(content.ToArray());
            }
        }

        return [.. order.Select(layer => digests[layer])];
    }

    /// <summary>Writes the uppermost layer of an archive to a file.</summary>
    public static void ExtractLastLayer(string path, string target)
    {
        string last = LayerDigests(path)[^1];
        using var archive = new TarReader(File.OpenRead(path));
        while (archive.GetNextEntry() is TarEntry entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            if (Sha256Text.Of(content.ToArray()) == last)
            {
                File.WriteAllBytes(target, content.ToArray());
                return;
            }
        }
    }

    private static void Put(TarWriter archive, string name, Stream content)
    {
        using (content)
        {
            archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content });
        }
    }
}
