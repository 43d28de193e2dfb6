using Blobs.Erofs;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Tar;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Erofs;

/// <summary>The way back, and what stands in it.</summary>
public sealed class ErofsExportTests
{
    [Fact]
    public async Task A_plain_image_needs_its_recording()
    {
        byte[] image = await ErofsImages.WriteAsync(Archive.Of(Archive.File("f", "content")));
        await Assert.ThrowsAsync<StoreException>(() => ErofsLayer.ExportAsync(new MemoryStream(image), null, Stream.Null));
    }

    [Fact]
    public async Task Files_below_links_are_found_again()
    {
        byte[] tar = Archive.Of(
            Archive.Directory("usr/lib/"),
            Archive.Link(TarEntryType.SymbolicLink, "lib", "/usr/lib"),
            Archive.Link(TarEntryType.SymbolicLink, "usr/lib/up", "../.."),
            Archive.File("lib/f", "content"),
            Archive.File("lib/up/g", "more"));
        (byte[] image, byte[] recording) = await WriteAsync(tar);
        using var back = new MemoryStream();
        await ErofsLayer.ExportAsync(new MemoryStream(image), new MemoryStream(recording), back);
        Assert.Equal(tar, back.ToArray());
    }

    [Fact]
    public async Task A_layer_that_could_not_be_rebuilt_is_refused_with_a_recording_only()
    {
        byte[] tar = Archive.Of(
            Archive.Link(TarEntryType.SymbolicLink, "l", "."), Archive.File("f", "content"), Archive.File("l/f", "replaces"));
        await ErofsImages.WriteAsync(tar);
        MalformedDataException refused = await Assert.ThrowsAsync<MalformedDataException>(() => WriteAsync(tar));
        Assert.Equal(Fault.EntryReplaced, refused.Fault);
    }

    [Theory]
    [InlineData(ErofsLayout.Plain)]
    [InlineData(ErofsLayout.Tar)]
    public async Task A_changed_byte_is_noticed(ErofsLayout layout)
    {
        byte[] tar = Archive.Of(Archive.File("f", "content"));
        (byte[] image, byte[] recording) = await WriteAsync(tar, layout);
        int content = image.AsSpan().IndexOf("content"u8);
        image[content]++;
        await Assert.ThrowsAsync<MalformedDataException>(
            () => ErofsLayer.ExportAsync(new MemoryStream(image), new MemoryStream(recording), Stream.Null));
    }

    [Fact]
    public async Task The_recording_of_another_layer_is_noticed()
    {
        (byte[] image, _) = await WriteAsync(Archive.Of(Archive.File("f", "content")));
        (_, byte[] other) = await WriteAsync(Archive.Of((Archive.File("f", "content").Member with { Uid = 1 }, "content"u8.ToArray())));
        MalformedDataException refused = await Assert.ThrowsAsync<MalformedDataException>(
            () => ErofsLayer.ExportAsync(new MemoryStream(image), new MemoryStream(other), Stream.Null));
        Assert.Equal(Fault.ErofsImage, refused.Fault);
    }

    [Fact]
    public async Task A_wrong_digest_leaves_no_superblock()
    {
        using var image = new MemoryStream();
        await Assert.ThrowsAsync<DigestMismatchException>(() => ErofsLayer.WriteAsync(
            new MemoryStream(Archive.Of(Archive.File("f", "content"))), image, pass: new LayerPipelineOptions { ExpectedDiffId = DiffId.Empty }));
        MalformedDataException refused = Assert.Throws<MalformedDataException>(() => new ErofsImage(image));
        Assert.Equal(Fault.ErofsImage, refused.Fault);
    }

    [Theory]
    [InlineData(1024, 0)]
    [InlineData(1036, 16)]
    [InlineData(1104, 1)]
    [InlineData(1060, 1)]
    public async Task An_image_that_is_damaged_or_unknown_is_refused(int offset, byte value)
    {
        byte[] image = await ErofsImages.WriteAsync(Archive.Of(Archive.File("f", "content")));
        image[offset] = value;
        Assert.Equal(Fault.ErofsImage, Assert.Throws<MalformedDataException>(() => new ErofsImage(new MemoryStream(image))).Fault);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(20)]
    [InlineData(23)]
    public async Task A_tar_that_lies_outside_of_the_image_is_refused(int offset)
    {
        byte[] image = await ErofsImages.WriteAsync(Archive.Of(Archive.File("f", "content")), ErofsLayout.Tar);
        image[offset] = 0xff;
        MalformedDataException refused = await Assert.ThrowsAsync<MalformedDataException>(
            () => ErofsLayer.ExportAsync(new MemoryStream(image), null, Stream.Null));
        Assert.Equal(Fault.ErofsImage, refused.Fault);
    }

    private static async Task<(byte[] Image, byte[] Recording)> WriteAsync(byte[] tar, ErofsLayout layout = ErofsLayout.Plain)
    {
        using var image = new MemoryStream();
        using var recording = new MemoryStream();
        await ErofsLayer.WriteAsync(
            new MemoryStream(tar), image, layout == ErofsLayout.Plain ? recording : null, new ErofsOptions { Layout = layout });
        return (image.ToArray(), recording.ToArray());
    }
}
