using System.Runtime.InteropServices;

namespace Blobs.Fuzz.Targets;

/// <summary>liblzma and libbz2, where installed: they must accept what we accept, and give the same bytes.</summary>
internal static unsafe class NativeDecoders
{
    private static readonly delegate* unmanaged<ulong*, uint, void*, byte*, nuint*, nuint, byte*, nuint*, nuint, int> Lzma =
        (delegate* unmanaged<ulong*, uint, void*, byte*, nuint*, nuint, byte*, nuint*, nuint, int>)Export("liblzma.so.5", "lzma_stream_buffer_decode");

    private static readonly delegate* unmanaged<byte*, uint*, byte*, uint, int, int, int> Bzip2 =
        (delegate* unmanaged<byte*, uint*, byte*, uint, int, int, int>)Export("libbz2.so.1.0", "BZ2_bzBuffToBuffDecompress");

    public static void CheckXz(ReadOnlySpan<byte> stream, ReadOnlySpan<byte> ours)
    {
        const uint Concatenated = 8;
        if (Lzma is null)
        {
            return;
        }

        // We accept any number of trailing zeros.
        stream = stream.TrimEnd((byte)0);
        byte[] theirs = new byte[ours.Length + 1];
        ulong memory = 1 << 30;
        nuint read = 0;
        nuint written = 0;
        fixed (byte* input = stream, output = theirs)
        {
            int result = Lzma(&memory, Concatenated, null, input, &read, (nuint)stream.Length, output, &written, (nuint)theirs.Length);
            FindingException.ThrowIf(result != 0, $"liblzma rejects what was accepted: {result}");
        }

        FindingException.ThrowIf(!ours.SequenceEqual(theirs.AsSpan(0, (int)written)), "liblzma has other bytes");
    }

    /// <summary>The first stream only: libbz2 ignores what follows it.</summary>
    public static void CheckBzip2(ReadOnlySpan<byte> stream, ReadOnlySpan<byte> ours)
    {
        if (Bzip2 is null)
        {
            return;
        }

        byte[] theirs = new byte[ours.Length + 1];
        uint written = (uint)theirs.Length;
        fixed (byte* input = stream, output = theirs)
        {
            int result = Bzip2(output, &written, input, (uint)stream.Length, 0, 0);
            FindingException.ThrowIf(result != 0, $"libbz2 rejects what was accepted: {result}");
        }

        FindingException.ThrowIf(!ours.StartsWith(theirs.AsSpan(0, (int)written)), "libbz2 has other bytes");
    }

    private static nint Export(string library, string name) =>
        NativeLibrary.TryLoad(library, out nint handle) ? NativeLibrary.GetExport(handle, name) : 0;
}
