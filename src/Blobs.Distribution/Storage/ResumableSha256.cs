using System.Buffers.Binary;
using System.Security.Cryptography;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// SHA-256 whose state can be saved after any number of bytes, and loaded in another process. .NET's own hash keeps its
/// state to itself, so OpenSSL is called directly where it offers that; elsewhere nothing can be saved.
/// <para>
/// A saved state has the form that Go's <c>crypto/sha256</c> marshals, and docker-registry stores: the four bytes
/// <c>sha\x03</c>, eight words, the bytes of the unfinished block padded to 64, and the length in bytes; all big-endian.
/// </para>
/// </summary>
internal sealed unsafe class ResumableSha256 : IDisposable
{
    /// <summary>Length of a saved state.</summary>
    public const int StateBytes = 108;

    private const int BlockOffset = 36;
    private const int LengthOffset = 100;

    // SHA-256 ends at 2^64 bits.
    private const ulong LengthMax = 1UL << 61;

    private readonly IncrementalHash? _managed;
    private OpenSslSha256.Context _context;

    public ResumableSha256()
        : this(OpenSslSha256.Shared)
    {
    }

    /// <param name="library">What hashes; null for .NET's own hash.</param>
    internal ResumableSha256(OpenSslSha256? library)
    {
        Library = library;
        if (library is null)
        {
            _managed = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
        else
        {
            library.Begin(ref _context);
        }
    }

    /// <summary>Whether states can be saved and loaded on this machine.</summary>
    public bool CanSave => Library is not null;

    /// <summary>Number of bytes hashed.</summary>
    public long Length { get; private set; }

    private OpenSslSha256? Library { get; }

    private static ReadOnlySpan<byte> Magic => "sha\x03"u8;

    /// <summary>The number of bytes that a saved state covers; null when it is not a state.</summary>
    public static long? LengthOf(ReadOnlySpan<byte> state) =>
        state.Length == StateBytes && state.StartsWith(Magic)
        && BinaryPrimitives.ReadUInt64BigEndian(state[LengthOffset..]) is var length and < LengthMax
            ? (long)length
            : null;

    /// <summary>Continues from a saved state instead of from nothing; false, and without effect, when it is not a state,
    /// or states cannot be loaded on this machine.</summary>
    public bool TryLoad(ReadOnlySpan<byte> state)
    {
        if (!CanSave || LengthOf(state) is not { } length)
        {
            return false;
        }

        for (int i = 0; i < OpenSslSha256.Context.WordCount; i++)
        {
            _context.Words[i] = BinaryPrimitives.ReadUInt32BigEndian(state[(Magic.Length + (i * sizeof(uint)))..]);
        }

        ulong bits = (ulong)length * 8;
        _context.BitsLow = (uint)bits;
        _context.BitsHigh = (uint)(bits >> 32);
        _context.BlockLength = (uint)(length % OpenSslSha256.Context.BlockBytes);
        fixed (byte* block = _context.Block)
        {
            state[BlockOffset..LengthOffset].CopyTo(new Span<byte>(block, OpenSslSha256.Context.BlockBytes));
        }

        Length = length;
        return true;
    }

    /// <summary>Saves the state; empty when this machine cannot.</summary>
    public ReadOnlyMemory<byte> Save()
    {
        if (!CanSave)
        {
            return default;
        }

        var state = new byte[StateBytes];
        Magic.CopyTo(state);
        for (int i = 0; i < OpenSslSha256.Context.WordCount; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(state.AsSpan(Magic.Length + (i * sizeof(uint))), _context.Words[i]);
        }

        // What follows the unfinished block's bytes is left over from an earlier block; Go writes zeros.
        fixed (byte* block = _context.Block)
        {
            new ReadOnlySpan<byte>(block, (int)_context.BlockLength).CopyTo(state.AsSpan(BlockOffset));
        }

        BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(LengthOffset), Length);
        return state;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (Library is { } library)
        {
            library.Append(ref _context, bytes);
        }
        else
        {
            _managed!.AppendData(bytes);
        }

        Length += bytes.Length;
    }

    /// <summary>The digest of the bytes so far; more may follow.</summary>
    public Digest CurrentDigest()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (Library is { } library)
        {
            library.Finish(_context, hash);
        }
        else
        {
            _managed!.GetCurrentHash(hash);
        }

        return Digest.FromHash(DigestAlgorithm.Sha256, hash);
    }

    public void Dispose() => _managed?.Dispose();
}
