using Blobs.Erofs;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs/README.md.</summary>
internal static class ErofsSample
{
    public static async Task RunAsync(string layerFile, string imageFile)
    {
        await using FileStream layer = File.OpenRead(layerFile);
        await using FileStream image = File.Create(imageFile);
        ErofsSummary written = await ErofsLayer.WriteAsync(layer, image, options: new ErofsOptions { Layout = ErofsLayout.Tar });
        Console.WriteLine($"{written.Layer.DiffId} {written.ImageBytes} bytes");
    }
}
