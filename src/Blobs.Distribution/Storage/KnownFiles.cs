using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>Bounds of <see cref="KnownFiles{T}"/>.</summary>
internal static class KnownFiles
{
    /// <summary>Longest file that is remembered: links have 71 bytes.</summary>
    public const int SmallBytesMax = 512;

    /// <summary>Longest list that is remembered.</summary>
    public const int NamesMax = 100_000;

    /// <summary>How many are remembered before all are forgotten: some megabytes.</summary>
    public const int CountMax = 16_384;
}

/// <summary>
/// What was read from files and directories, good as long as a look at the file says that it did not change. Asking costs one system
/// call instead of four; another process that writes to the same store is seen at once.
/// </summary>
internal sealed class KnownFiles<T>(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, (FileStamp Stamp, T Content)> _known = new(StringComparer.Ordinal);

    public bool TryGet(string path, FileStamp now, [MaybeNullWhen(false)] out T content)
    {
        bool isKnown = _known.TryGetValue(path, out (FileStamp Stamp, T Content) entry) && entry.Stamp == now;
        content = isKnown ? entry.Content : default;
        return isKnown;
    }

    /// <param name="path">The file.</param>
    /// <param name="before">What it was just before it was read.</param>
    /// <param name="content">What was read.</param>
    public void Remember(string path, FileStamp before, T content)
    {
        if (!before.IsSettled(clock))
        {
            return;
        }

        if (_known.Count >= KnownFiles.CountMax)
        {
            _known.Clear();
        }

        _known[path] = (before, content);
    }
}
