using System.Globalization;
using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>The SHA-256 states of an upload on a file system, in <c>hashstates/sha256/LENGTH</c>, where docker-registry
/// keeps its own.</summary>
[SupportedOSPlatform("linux")]
internal sealed class UploadHashStates(string upload, Durability durability)
{
    private const int BytesMax = 512;

    private readonly string _folder = Path.Combine(upload, RegistryPaths.HashStates);

    /// <summary>Reads the newest state that covers no more than the first <paramref name="length"/> bytes; empty when
    /// there is none.</summary>
    public ReadOnlyMemory<byte> Read(long length)
    {
        foreach (long covered in Lengths().Where(covered => covered <= length).OrderDescending())
        {
            if (IsTrusted(covered) && TryRead(covered) is { } state && ResumableSha256.LengthOf(state) == covered)
            {
                return state;
            }
        }

        return default;
    }

    /// <summary>Writes a state, which replaces the older ones.</summary>
    public void Write(long length, ReadOnlyMemory<byte> state)
    {
        long[] older = [.. Lengths()];
        AtomicFile.ReplaceDeep(PathOf(length), state, TemporaryNames.Registry, durability == Durability.Full);
        foreach (long covered in older.Where(covered => covered != length))
        {
            SharedDirectory.Remove(PathOf(covered), isDurable: false);
        }
    }

    private IEnumerable<long> Lengths()
    {
        foreach (string name in SharedDirectory.Names(_folder))
        {
            if (long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
            {
                yield return length;
            }
        }
    }

    // After a power cut a state may be on disk while the bytes that it covers are not.
    private bool IsTrusted(long length)
    {
        DateTimeOffset machineStart = DateTimeOffset.UtcNow - TimeSpan.FromMilliseconds(Environment.TickCount64);
        return durability == Durability.Full
            || (FileStamp.TryGet(PathOf(length), out FileStamp stamp, out _) && stamp.ChangedAt >= machineStart);
    }

    private byte[]? TryRead(long length)
    {
        try
        {
            return SmallFile.TryRead(PathOf(length), BytesMax);
        }
        catch (StoreException)
        {
            // The file is longer than any hash state.
            return null;
        }
    }

    private string PathOf(long length) => Path.Combine(_folder, length.ToString(CultureInfo.InvariantCulture));
}
