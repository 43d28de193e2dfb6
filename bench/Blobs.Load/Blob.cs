using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Blobs.Load;

/// <summary>One of many blobs that share all bytes but the first eight, which hold its number: distinct blobs in little
/// memory.</summary>
internal sealed class Blob
{
    private Blob(byte[] head, byte[] shared, int length)
    {
        Head = head;
        Rest = shared.AsMemory(head.Length, length - head.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(Rest.Span);
        Digest = $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    public byte[] Head { get; }

    public ReadOnlyMemory<byte> Rest { get; }

    public int Length => Head.Length + Rest.Length;

    public string Digest { get; }

    public static Blob[] Make(int count, int length, int seed)
    {
        var shared = new byte[length];
        new Random(seed).NextBytes(shared);
        var blobs = new Blob[count];
        for (int i = 0; i < count; i++)
        {
            var head = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(head, i);
            blobs[i] = new Blob(head, shared, length);
        }

        return blobs;
    }

    /// <summary>Equal for all registries that were given the same load.</summary>
    public static string Check(IEnumerable<Blob> blobs) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(blobs.Select(blob => blob.Digest)))))[..12];
}
