using Blobs.Registry;
using Blobs.Storage.S3;
using Microsoft.AspNetCore.Builder;

namespace Samples;

/// <summary>Shown in src/Blobs.Storage.S3/README.md.</summary>
internal static class BucketSample
{
    public static void Run(Action<WebApplication> built)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        var bucket = new S3StorageOptions { Bucket = "images", Endpoint = new Uri("https://s3.example.com") };
        builder.Services.AddRegistry(options => options.UseS3(bucket));
        WebApplication app = builder.Build();
        app.MapRegistry();
        built(app);
        app.Run();
    }
}
