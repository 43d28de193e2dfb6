using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.Docker.Images;

/// <summary>
/// What a data root knows about blobs in registries: the layer of a blob, so that it need not be fetched, and the blobs
/// of a layer, so that it need not be sent. This is a cache: a lost or damaged entry only costs a transfer.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DistributionStore
{
    // dockerd's limit; the oldest entries are dropped.
    private const int SourcesMax = 50;
    private const int FileBytesMax = 1 << 20;

    private readonly RootPaths _paths;
    private readonly Lock _lock = new();

    internal DistributionStore(RootPaths paths) => _paths = paths;

    /// <summary>The layer that a blob holds; null when it is not known.</summary>
    public DiffId? DiffIdOf(Digest blob) =>
        DiffId.TryParse(SmallFile.TryReadText(_paths.DiffIdFile(blob)), null, out DiffId id) ? id : null;

    /// <summary>Blobs that hold a layer, the latest recorded last.</summary>
    public IReadOnlyList<BlobSource> SourcesOf(DiffId layer) => [.. NotesOf(layer).Select(note => note.Source)];

    /// <summary>Records that a blob holds a layer; an existing entry becomes the latest.</summary>
    internal void Add(DiffId layer, BlobSource source)
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

    /// <summary>Removes a blob from a layer's entries, because the registry does not have it. The layer of the blob
    /// stays recorded.</summary>
    internal void Remove(DiffId layer, BlobSource source)
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

    /// <summary>An entry of a layer's file, with its unknown members.</summary>
    internal sealed record Note(BlobSource Source, UnknownMembers Unknown);
}
