using System.Buffers.Binary;
using Blobs.Docker.BuildKit;
using Blobs.Errors;

namespace Blobs.Fuzz.Targets;

/// <summary>BuildKit's databases: no more items than the file has room for, and the cache read from them needs every
/// layer that it lists.</summary>
internal sealed class BoltTarget : IFuzzTarget
{
    private const int MetaBytes = 80;

    public string Name => "bolt";

    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] file = WithChecksums(input);
        long items = 0;
        try
        {
            BoltFile database = BoltFile.Open(new MemoryStream(file));
            Walk(database, database.Root, 0);
        }
        catch (BlobsException)
        {
            // It is read again below.
        }

        FindingException.ThrowIf(items > file.Length / 16, "more items than the file has room for");
        BuildCache cache = BuildCache.Read(new MemoryStream(file), new MemoryStream(file));
        FindingException.ThrowIf(cache.Layers.Any(layer => !cache.Needs(layer, "")), "a layer that is needed is not");

        void Walk(BoltFile database, BoltBucket bucket, int depth)
        {
            foreach (BoltItem item in database.Items(bucket))
            {
                items++;
                if (item.IsBucket && depth < 64)
                {
                    Walk(database, item.ToBucket(), depth + 1);
                }
            }
        }
    }

    // Fix the checksums of the first pages, or every mutation of them would be rejected.
    private static byte[] WithChecksums(ReadOnlySpan<byte> input)
    {
        byte[] file = input.ToArray();
        SetChecksum(file);
        if (file.Length >= MetaBytes)
        {
            uint pageBytes = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(24));
            SetChecksum(pageBytes < file.Length ? file.AsSpan((int)pageBytes) : []);
        }

        return file;
    }

    private static void SetChecksum(Span<byte> page)
    {
        if (page.Length < MetaBytes)
        {
            return;
        }

        ulong hash = 14695981039346656037;
        foreach (byte value in page[16..72])
        {
            hash = (hash ^ value) * 1099511628211;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(page[72..], hash);
    }
}
