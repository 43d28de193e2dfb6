using System.Text;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Verification;

/// <summary>
/// The state file of a verification: a line for each thing found right, written at once, so that an interrupted run can
/// be resumed. The first line names the store; an incomplete last line is ignored.
/// </summary>
internal sealed class VerifyState : IDisposable
{
    private const string Title = "blobs verify 1 ";

    private readonly Lock _lock = new();
    private readonly HashSet<string> _right;
    private readonly string _path;
    private readonly StreamWriter _writer;

    private VerifyState(string path, HashSet<string> right, StreamWriter writer) => (_path, _right, _writer) = (path, right, writer);

    /// <exception cref="StoreException">The file is not a state file, or is one of another store.</exception>
    /// <exception cref="SystemCallException">It cannot be read, or written to.</exception>
    public static VerifyState Open(string path, string root)
    {
        if (FilePath.IsDirectory(path))
        {
            throw new StoreException(path, $"{path}: is a directory, expected a file");
        }

        string text = SmallFile.TryReadText(path) ?? "";
        string whole = text[..(text.LastIndexOf('\n') + 1)];
        string[] lines = whole.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        bool isBegun = Title.StartsWith(text[..Math.Min(text.Length, Title.Length)], StringComparison.Ordinal);
        if (lines.Length == 0 && !isBegun)
        {
            throw new StoreException(path, $"{path}: not a state file of blobs verify; remove it, or name another");
        }

        if (lines.Length > 0 && lines[0] != $"{Title}{root}")
        {
            throw new StoreException(path, $"{path}: not the state of a verification of {root}; remove it, or name another");
        }

        StreamWriter? writer = null;
        Errno.Naming("write", path, () => writer = Append(path, whole, $"{Title}{root}"));
        return new VerifyState(path, new HashSet<string>(lines.Skip(1), StringComparer.Ordinal), writer!);
    }

    public bool Has(string name) => _right.Contains(name);

    public void Add(string name)
    {
        lock (_lock)
        {
            Errno.Naming("write", _path, () => _writer.WriteLine(name));
        }
    }

    public void Dispose() => Errno.Naming("write", _path, _writer.Dispose);

    // Appends after the complete lines, so that nothing of an earlier run can be lost.
    private static StreamWriter Append(string path, string whole, string title)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        file.SetLength(Encoding.UTF8.GetByteCount(whole));
        file.Seek(0, SeekOrigin.End);
        var writer = new StreamWriter(file) { AutoFlush = true, NewLine = "\n" };
        if (whole.Length == 0)
        {
            writer.WriteLine(title);
        }

        return writer;
    }
}
