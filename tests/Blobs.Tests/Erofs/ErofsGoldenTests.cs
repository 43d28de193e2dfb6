using System.IO.Compression;
using System.Security.Cryptography;
using Blobs.Erofs;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Erofs;

/// <summary>Images whose bytes are known. Another implementation of the format gives the same.</summary>
public sealed class ErofsGoldenTests
{
    private const string Plain = "44cbde2744bfd54d1401f90a6b460a219fc5e50137476c31ed7f93c097599ff7";

    [Fact]
    public async Task The_plain_layout_has_the_known_bytes() =>
        Assert.Equal(Plain, Hash(await ErofsImages.WriteAsync(Layer())));

    [Fact]
    public async Task The_tar_layout_has_the_known_bytes_behind_the_range_of_the_tar()
    {
        byte[] image = await ErofsImages.WriteAsync(Layer(), ErofsLayout.Tar);
        Assert.Equal("EROFSTAR"u8, image.AsSpan(0, 8));
        Assert.Equal(Layer(), image.AsSpan(4096, Layer().Length));
        image.AsSpan(0, 1024).Clear();
        Assert.Equal("ea41a4523e4c624d6a57acc6d45bbd1663aae21db37bacbe5b74af8e2d55c0af", Hash(image));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(5000)]
    public async Task The_bytes_do_not_depend_on_how_the_layer_comes(int pieceBytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(Layer());
        }

        using var image = new MemoryStream();
        await ErofsLayer.WriteAsync(new ChunkedStream(compressed.ToArray(), pieceBytes), image);
        Assert.Equal(Plain, Hash(image.ToArray()));
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // Made with Python's tarfile: a directory with a file, a hard link and a whiteout, a symbolic link, and a file whose directory is
    // missing and whose name comes before "." in the order of the format.
    internal static byte[] Layer()
    {
        const string Gzip =
            "H4sIAAAAAAACA+3WvwrCMBDH8cw+RXahTdNc7nmEVh0Kgn/QxzcGB6kgdEgQ+v0sF7JkOO6XG1pTnEtUJNdkXvO5C+KDqgv5Pvre"
            + "GyumgtvlujunJ806De2+Sv9jCK/aqbjP+hbn/Q+9M9bR/+KO4zSdNgarnf/DH8z/PP/VdWJsVyOcVp//zf3YPMr3//vf/9l/FfK/"
            + "hqnCG3n/U12y/0laF61n/osb222d/F80/9HHyPwDAAAAAAAAAAAASz0BUsYClQAoAAA=";
        using var source = new GZipStream(new MemoryStream(Convert.FromBase64String(Gzip)), CompressionMode.Decompress);
        using var layer = new MemoryStream();
        source.CopyTo(layer);
        return layer.ToArray();
    }
}
