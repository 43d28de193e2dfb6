using Blobs.Erofs;
using Blobs.Errors;

namespace Blobs.Tests.Testing;

/// <summary>Makes images of small layers.</summary>
internal static class ErofsImages
{
    public static async Task<byte[]> WriteAsync(byte[] tar, ErofsLayout layout = ErofsLayout.Plain, Limits? limits = null)
    {
        using var image = new MemoryStream();
        ErofsSummary summary = await ErofsLayer.WriteAsync(
            new MemoryStream(tar), image, options: new ErofsOptions { Layout = layout, Limits = limits ?? Limits.Default });
        Assert.Equal(image.Length, summary.ImageBytes);
        return image.ToArray();
    }

    public static async Task<ErofsDump> DumpAsync(byte[] tar, ErofsLayout layout = ErofsLayout.Plain) =>
        new(await WriteAsync(tar, layout));
}
