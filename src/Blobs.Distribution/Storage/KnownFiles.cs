using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>Limits of <see cref="KnownFiles{T}"/>.</summary>
internal static class KnownFiles
{
    /// <summary>Length of the longest list to cache.</summary>
    public const int NamesMax = 100_000;

    /// <summary>Maximum number of entries, and of names in all lists together. When either is reached, all entries are
    /// dropped; they take a few megabytes, and lists up to 25.</summary>
    public const int CountMax = 16_384;

    /// <inheritdoc cref="CountMax"/>
    public const int AllNamesMax = 200_000;
}

/// <summary>
/// Cached contents of files and directories. An entry is valid while the stamp of its file is unchanged. A lookup costs
/// one system call instead of four, and sees changes by other processes at once.
/// </summary>
internal sealed class KnownFiles<T>(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, (FileStamp Stamp, T Content)> _known = new(StringComparer.Ordinal);
    private int _names;

    public bool TryGet(string path, FileStamp now, [MaybeNullWhen(false)] out T content)
    {
        bool isKnown = _known.TryGetValue(path, out (FileStamp Stamp, T Content) entry) && entry.Stamp == now;
        content = isKnown ? entry.Content : default;
        return isKnown;
    }

    /// <param name="path">The file.</param>
    /// <param name="before">Its stamp just before it was read.</param>
    /// <param name="content">The content that was read.</param>
    /// <param name="names">Number of names in it, if it is a list.</param>
    public void Remember(string path, FileStamp before, T content, int names = 0)
    {
        if (!before.IsSettled(clock))
        {
            return;
        }

        if (Interlocked.Add(ref _names, names) > KnownFiles.AllNamesMax || _known.Count >= KnownFiles.CountMax)
        {
            _known.Clear();
            Interlocked.Exchange(ref _names, names);
        }

        _known[path] = (before, content);
    }
}
