using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker.Layers;
using Blobs.Docker.Layers.Internal;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.Docker.Images;

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
    public IReadOnlyList<BlobSource> SourcesOf(DiffId layer) => [.. NotesOf(layer).Select(note => note.Source)];

    /// <summary>Notes that a blob holds a layer; one that was noted so before becomes the latest.</summary>
    public void Add(DiffId layer, BlobSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (_lock)
        {
            Note[] known = NotesOf(layer);
            Note added = known.FirstOrDefault(note => note.Source == source) ?? new Note(source, UnknownMembers.None);
            Note[] notes = [.. known.Where(note => note.Source != source), added];
            Write(_paths.DiffIdFile(source.Digest), Encoding.ASCII.GetBytes($"{layer}"));
            Write(_paths.BlobSourcesFile(layer), ToJson(notes.TakeLast(SourcesMax)));
        }
    }

    /// <summary>Forgets that a blob may be had somewhere: a registry said no. That it holds the layer stays true.</summary>
    public void Remove(DiffId layer, BlobSource source)
    {
        lock (_lock)
        {
            Note[] left = [.. NotesOf(layer).Where(note => note.Source != source)];
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
        AtomicFile.Replace(path, content, TemporaryNames.Engine);
    }

    private Note[] NotesOf(DiffId layer)
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

    internal static Note[] Parse(byte[] json)
    {
        using GoDocument document = GoDocument.Parse(json, "v2metadata-by-diffid", Fault.RootDocument);
        IEnumerable<Note?>? notes = document.Root.List(item => Read(item.Object()));
        return [.. (notes ?? []).OfType<Note>()];
    }

    private static Note? Read(GoObject json)
    {
        Digest? digest = json["Digest"].ParsedIfAny<Digest>();
        string repository = json["SourceRepository"].Text() ?? "";
        string hmac = json["HMAC"].Text() ?? "";
        return digest is { } blob
            ? new Note(new BlobSource(blob, repository, hmac), json.Unknown(["Digest", "SourceRepository", "HMAC"]))
            : null;
    }

    private static byte[] ToJson(IEnumerable<Note> notes) => GoJsonWriter.Value(json =>
    {
        json.BeginArray();
        foreach ((BlobSource source, UnknownMembers unknown) in notes)
        {
            json.Object(
                [("Digest", Text($"{source.Digest}")), ("SourceRepository", Text(source.Repository)), ("HMAC", Text(source.Hmac))],
                unknown);
        }

        json.EndArray();
    });

    private static byte[] Text(string value) => GoJsonWriter.Value(json => json.String(value));

    /// <summary>An entry of a layer's file, and what another program keeps there beside it.</summary>
    internal sealed record Note(BlobSource Source, UnknownMembers Unknown);
}
