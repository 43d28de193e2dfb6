using Blobs.Images;
using Blobs.Transfer;

namespace Blobs.Tests.Samples;

/// <summary>Shown in README.md and src/Blobs/README.md.</summary>
internal static class AddAppSample
{
    public static async Task RunAsync(string from, string to)
    {
        await using OpenedSource source = await OpenedSource.OpenAsync(ImagePlace.Parse(from));
        OciImage image = OciImage.From(source.Image!)
            .Append(NewLayer.FromDirectory("publish", "/app"))
            .WithConfig(config => config with { Entrypoint = ["/app/run"] });
        await ImageCopier.SendAsync(image, ImagePlace.Parse(to));
    }

    public static Task<TakenImage> RunAsync(IImageSource from, IImageTarget to)
    {
        return AddAppAsync(from, to);

        static Task<TakenImage> AddAppAsync(IImageSource source, IImageTarget target) => OciImage.From(source)
            .Append(NewLayer.FromDirectory("publish", "/app"))
            .WithConfig(config => config with { Entrypoint = ["/app/run"], User = "1000" })
            .SendAsync(target, []);
    }
}
