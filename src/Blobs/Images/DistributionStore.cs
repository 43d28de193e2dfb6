using System.Runtime.Versioning;
using System.Text;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Json;
using Blobs.Layers;

namespace Blobs.Images;

/// <summary>
/// What a data root knows of blobs in registries: which layer a blob holds, so that it need not be fetched, and which blobs hold a layer,
/// so that it need not be sent. A cache of facts: what is lost or damaged costs a transfer and nothing else.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DistributionStore
{
    // As many as the engine keeps; the oldest make room.
    private const int SourcesMax = 50;
    private const int FileBytesMax = 1 << 20;

    private readonly RootPaths _paths;
    private readonly Lock _lock = new();

    internal DistributionStore(RootPaths paths) => _paths = paths;

    /// <summary>The layer that a blob holds; null when nobody knows.</summary>
    public DiffId? DiffIdOf(Digest blob) =>
        DiffId.TryParse(SmallFile.TryReadText(_paths.DiffIdFile(blob)), null, out DiffId id) ? id : null;

    /// <summary>Blobs that hold a layer, the latest noted last.</summary>
    public IReadOnlyList<BlobSource> SourcesOf(DiffId layer)
    {
        string path = _paths.BlobSourcesFile(layer);
        try
        {
            return FilePath.IsFile(path) ? Parse(SmallFile.ReadBytes(path, FileBytesMax)) : [];
        }
        catch (Exception fault) when (fault is BlobsException or IOException && !Errno.IsTrouble(fault))
        {
            return [];
        }
    }

    /// <summary>Notes that a blob holds a layer; one that was noted so before becomes the latest.</summary>
    internal void Add(DiffId layer, BlobSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (_lock)
        {
            IEnumerable<BlobSource> sources = [.. SourcesOf(layer).Where(known => known != source), source];
            Write(_paths.DiffIdFile(source.Digest), Encoding.ASCII.GetBytes($"{layer}"));
            Write(_paths.BlobSourcesFile(layer), ToJson(sources.TakeLast(SourcesMax)));
        }
    }

    /// <summary>Forgets that a blob may be had somewhere: a registry said no. That it holds the layer stays true.</summary>
    internal void Remove(DiffId layer, BlobSource source)
    {
        lock (_lock)
        {
            BlobSource[] left = [.. SourcesOf(layer).Where(known => known != source)];
            if (left.Length > 0)
            {
                Write(_paths.BlobSourcesFile(layer), ToJson(left));
            }
            else
            {
                TreeRemover.Remove(_paths.BlobSourcesFile(layer));
            }
        }
    }

    private void Write(string path, byte[] content)
    {
        DurableDirectory.Ensure(_paths.Distribution, Modes.Private);
        DurableDirectory.Ensure(Path.GetDirectoryName(path)!, Modes.Open);
        AtomicFile.Replace(path, content);
    }

    internal static BlobSource[] Parse(byte[] json)
    {
        using GoDocument document = GoDocument.Parse(json, "v2metadata-by-diffid", Fault.RootDocument);
        IEnumerable<BlobSource?>? sources = document.Root.List(item => Source(item.Object()));
        return [.. (sources ?? []).OfType<BlobSource>()];
    }

    private static BlobSource? Source(GoObject json)
    {
        Digest? digest = json["Digest"].ParsedIfAny<Digest>();
        string repository = json["SourceRepository"].Text() ?? "";
        string hmac = json["HMAC"].Text() ?? "";
        return digest is { } blob ? new BlobSource(blob, repository, hmac) : null;
    }

    private static byte[] ToJson(IEnumerable<BlobSource> sources)
    {
        var json = new GoJsonWriter();
        json.BeginArray();
        foreach (BlobSource source in sources)
        {
            json.BeginObject();
            json.Name("Digest");
            json.String($"{source.Digest}");
            json.Name("SourceRepository");
            json.String(source.Repository);
            json.Name("HMAC");
            json.String(source.Hmac);
            json.EndObject();
        }

        json.EndArray();
        return json.ToArray();
    }
}
