using Blobs.Distribution.Client;
using Blobs.Oci;
using Microsoft.Extensions.DependencyInjection;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs.Distribution/README.md. Compiled only: it speaks to a registry.</summary>
internal static class ServiceSample
{
    public static async Task<bool> RunAsync(string repositoryName)
    {
        await using ServiceProvider services = new ServiceCollection().AddRegistryClient(_ => new() { Retries = 3 }).BuildServiceProvider();
        RegistryClient client = services.GetRequiredService<RegistryClient>();
        bool existed = await client.Repository(ImageReference.Parse(repositoryName)).DeleteTagAsync("old");
        return existed;
    }
}
