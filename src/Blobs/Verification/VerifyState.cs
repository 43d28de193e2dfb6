using Blobs.Errors;

namespace Blobs.Verification;

/// <summary>
/// What was found right so far, a line each, written as it is found: a run that is broken off is gone on with. The first line says of which
/// store; a last line that was cut off means nothing.
/// </summary>
internal sealed class VerifyState : IDisposable
{
    private const string Title = "blobs verify 1 ";

    private readonly Lock _lock = new();
    private readonly HashSet<string> _right;
    private readonly StreamWriter _writer;

    private VerifyState(HashSet<string> right, StreamWriter writer) => (_right, _writer) = (right, writer);

    /// <exception cref="StoreException">The file is something else, or of another store.</exception>
    public static VerifyState Open(string path, string root)
    {
        string text = File.Exists(path) ? File.ReadAllText(path) : "";
        string[] lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        bool isBegun = Title.StartsWith(text[..Math.Min(text.Length, Title.Length)], StringComparison.Ordinal);
        if (lines.Length == 0 && !isBegun)
        {
            throw new StoreException(path, $"{path}: is no state of blobs verify; remove it, or name another");
        }

        if (lines.Length > 0 && lines[0] != $"{Title}{root}")
        {
            throw new StoreException(path, $"{path}: is no state of a verification of {root}; remove it, or name another");
        }

        var writer = new StreamWriter(path, append: false) { AutoFlush = true, NewLine = "\n" };
        writer.WriteLine($"{Title}{root}");
        var right = new HashSet<string>(lines.Skip(1), StringComparer.Ordinal);
        foreach (string name in right)
        {
            writer.WriteLine(name);
        }

        return new VerifyState(right, writer);
    }

    public bool Has(string name) => _right.Contains(name);

    public void Add(string name)
    {
        lock (_lock)
        {
            _writer.WriteLine(name);
        }
    }

    public void Dispose() => _writer.Dispose();
}
