using Blobs.Images;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs/README.md. Compiled only.</summary>
internal static class ChangeImageSample
{
    public static Task<TakenImage> RunAsync(IImageSource from, IImageTarget to)
    {
        return AddAppAsync(from, to);

        static Task<TakenImage> AddAppAsync(IImageSource source, IImageTarget target) => OciImage.From(source)
            .Append(NewLayer.FromDirectory("publish", "/app"))
            .WithConfig(config => config with { Entrypoint = ["/app/run"], User = "1000" })
            .SendAsync(target, []);
    }
}
