using System.Buffers;
using System.Text;
using Blobs.Tar;

namespace Blobs.Samples;

/// <summary>Collects the package lists of one layer while it streams by, and what hides those of layers below.</summary>
internal sealed class PackageLists : ITarSink
{
    private const int BytesMax = 64 << 20;
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    private readonly ArrayBufferWriter<byte> _content = new();
    private readonly HashSet<string> _files = [];
    private readonly HashSet<string> _gone = [];
    private readonly HashSet<string> _opaque = [];
    private string _path = "";
    private Func<byte[], Package[]>? _reader;

    public Dictionary<string, Package[]> Found { get; } = [];

    /// <summary>Whether this layer replaces or removes that file of a layer below.</summary>
    public bool Hides(string path) => _files.Contains(path) || _gone.Contains(path)
        || ParentsOf(path).Any(parent => _gone.Contains(parent) || _opaque.Contains(parent) || _files.Contains(parent));

    public void Entry(TarEntry entry)
    {
        _path = Encoding.UTF8.GetString(entry.Name).Trim('/');
        _path = _path.StartsWith("./", StringComparison.Ordinal) ? _path[2..] : _path;
        string parent = Path.GetDirectoryName(_path) ?? "";
        string name = Path.GetFileName(_path);
        _reader = null;
        if (name == Opaque)
        {
            _opaque.Add(parent);
        }
        else if (name.StartsWith(Whiteout, StringComparison.Ordinal))
        {
            _gone.Add(Path.Combine(parent, name[Whiteout.Length..]));
        }
        else if (entry.Type != TarEntryType.Directory)
        {
            _files.Add(_path);
            _reader = entry.Type == TarEntryType.File && entry.Size <= BytesMax ? Package.ReaderOf(_path) : null;
        }

        _content.ResetWrittenCount();
    }

    public void Payload(ReadOnlySpan<byte> bytes)
    {
        if (_reader is not null)
        {
            _content.Write(bytes);
        }
    }

    public void EndEntry()
    {
        if (_reader is not null)
        {
            Found[_path] = _reader(_content.WrittenSpan.ToArray());
        }
    }

    private static IEnumerable<string> ParentsOf(string path)
    {
        for (string? parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            yield return parent;
        }
    }
}
