using Blobs.Erofs;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tar;

namespace Blobs.Fuzz.Targets;

/// <summary>EROFS images of any archive: the same whole and in pieces, with the exact tar inside in the tar layout, and readable to
/// the last file by its name.</summary>
internal sealed class ErofsTarget : IFuzzTarget
{
    // A small archive may ask for a large sparse file.
    private static readonly Limits Small = new() { UncompressedBytes = 64 << 20, ErofsMetadataBytes = 4 << 20 };

    public string Name => "erofs";

    public void Run(ReadOnlySpan<byte> input)
    {
        foreach (ErofsLayout layout in (ReadOnlySpan<ErofsLayout>)[ErofsLayout.Plain, ErofsLayout.Tar])
        {
            byte[]? image = Write(input, layout, int.MaxValue);
            byte[]? pieces = Write(input, layout, input.IsEmpty ? 1 : 1 + (input[^1] * 3));
            FindingException.ThrowIf(!image.AsSpan().SequenceEqual(pieces), "whole and in pieces differ");
            if (image is not null)
            {
                Read(image, input, layout);
            }
        }
    }

    private static byte[]? Write(ReadOnlySpan<byte> input, ErofsLayout layout, int pieceBytes)
    {
        using var image = new MemoryStream();
        try
        {
            var writer = new ErofsWriter(image, new ErofsOptions { Layout = layout, Limits = Small });
            using var reader = new TarReader(writer, Small);
            for (ReadOnlySpan<byte> rest = input; !rest.IsEmpty;)
            {
                int length = Math.Min(pieceBytes, rest.Length);
                reader.Push(rest[..length]);
                rest = rest[length..];
            }

            reader.Complete();
            FindingException.ThrowIf(writer.Finish(DiffId.Empty) != image.Length, "the image has another length");
            return image.ToArray();
        }
        catch (BlobsException)
        {
            return null;
        }
    }

    private static void Read(byte[] image, ReadOnlySpan<byte> input, ErofsLayout layout)
    {
        var opened = new ErofsImage(new MemoryStream(image));
        if (layout == ErofsLayout.Tar)
        {
            ErofsTarRange tar = opened.Tar!.Value;
            FindingException.ThrowIf(!image.AsSpan((int)tar.Offset, (int)tar.Length).SequenceEqual(input), "the tar inside is another");
        }

        var files = new Files(opened);
        using var reader = new TarReader(files, Small);
        reader.Push(input);
        reader.Complete();
    }

    // The last of several entries with one name is the one in the image, so only sizes of names that come once are compared.
    private sealed class Files(ErofsImage image) : ITarSink
    {
        private readonly HashSet<string> _names = [];

        public void Entry(TarEntry entry)
        {
            bool isPlain = entry.Type == TarEntryType.File && entry.Name.IndexOfAny("/."u8) < 0 && !entry.Name.IsEmpty;
            if (isPlain && _names.Add(Convert.ToHexString(entry.Name)))
            {
                FindingException.ThrowIf(image.Find(image.Root, entry.Name) is null, "a file is not in the image");
            }
        }

        public void Payload(ReadOnlySpan<byte> bytes)
        {
        }

        public void EndEntry()
        {
        }
    }
}
