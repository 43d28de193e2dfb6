using Blobs.Registry;
using Microsoft.AspNetCore.Builder;

// Outside of Blobs.Registry, as a user is.
namespace Samples;

/// <summary>Shown in README.md and src/Blobs.Registry/README.md.</summary>
internal static class RegistrySample
{
    public static void Run(string store, Action<WebApplication> built)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddRegistry(options => options.UseFileSystem(store));
        WebApplication app = builder.Build();
        app.MapRegistry();
        built(app);
        app.Run();
    }
}
