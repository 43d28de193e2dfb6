using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Blobs.Distribution.Storage;

/// <summary>
/// SHA-256 of OpenSSL's libcrypto, the library that .NET's own hashes call. Its older functions work on a structure that
/// the caller owns, so its state can be read and set. OpenSSL may be built without them.
/// </summary>
internal sealed unsafe class OpenSslSha256
{
    private const int Done = 1;

    // The names that Linux distributions give to the two supported versions.
    private static readonly string[] Names = ["libcrypto.so.3", "libcrypto.so.1.1"];

    private readonly delegate* unmanaged<Context*, int> _begin;
    private readonly delegate* unmanaged<Context*, byte*, nuint, int> _append;
    private readonly delegate* unmanaged<byte*, Context*, int> _finish;

    private OpenSslSha256(nint begin, nint append, nint finish)
    {
        _begin = (delegate* unmanaged<Context*, int>)begin;
        _append = (delegate* unmanaged<Context*, byte*, nuint, int>)append;
        _finish = (delegate* unmanaged<byte*, Context*, int>)finish;
    }

    /// <summary>The functions; null when this machine does not have them.</summary>
    public static OpenSslSha256? Shared { get; } = Find();

    public void Begin(ref Context context)
    {
        fixed (Context* pinned = &context)
        {
            Require(_begin(pinned));
        }
    }

    public void Append(ref Context context, ReadOnlySpan<byte> bytes)
    {
        fixed (Context* pinned = &context)
        fixed (byte* start = bytes)
        {
            Require(_append(pinned, start, (nuint)bytes.Length));
        }
    }

    /// <summary>Writes the hash of a copy, so that more bytes may follow.</summary>
    public void Finish(Context copy, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, SHA256.HashSizeInBytes);
        fixed (byte* target = hash)
        {
            Require(_finish(target, &copy));
        }
    }

    private static OpenSslSha256? Find()
    {
        foreach (string name in Names)
        {
            if (NativeLibrary.TryLoad(name, out nint library)
                && NativeLibrary.TryGetExport(library, "SHA256_Init", out nint begin)
                && NativeLibrary.TryGetExport(library, "SHA256_Update", out nint append)
                && NativeLibrary.TryGetExport(library, "SHA256_Final", out nint finish))
            {
                var found = new OpenSslSha256(begin, append, finish);
                return found.IsLaidOutAsExpected() ? found : null;
            }
        }

        return null;
    }

    // The structure is public in OpenSSL's headers. A library that is laid out otherwise is not used.
    private bool IsLaidOutAsExpected()
    {
        ReadOnlySpan<byte> sample = "sixty-four bytes are a block, and this is one and a bit more of it."u8;
        Context context = default;
        Begin(ref context);
        Append(ref context, sample);
        if (context.BitsLow != sample.Length * 8 || context.BitsHigh != 0 || context.BlockLength != sample.Length % Context.BlockBytes)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Finish(context, hash);
        return hash.SequenceEqual(SHA256.HashData(sample)) && context.Block[0] == sample[Context.BlockBytes];
    }

    private static void Require(int result)
    {
        if (result != Done)
        {
            throw new CryptographicException("OpenSSL cannot compute a SHA-256 hash");
        }
    }

    /// <summary>SHA256_CTX of OpenSSL's sha.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Context
    {
        public const int WordCount = 8;
        public const int BlockBytes = 64;

        public fixed uint Words[WordCount];
        public uint BitsLow;
        public uint BitsHigh;
        public fixed byte Block[BlockBytes];
        public uint BlockLength;
        public uint HashLength;
    }
}
