using Blobs.Transfer;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs.Transfer/README.md.</summary>
internal static class SyncSample
{
    public static async Task RunAsync()
    {
        var options = new CopyOptions { WithReferrers = true };
        foreach (SyncedTag tag in await RepositorySync.RunAsync(
            ImagePlace.Parse("docker://registry.example/app"), ImagePlace.Parse("oci:mirror"), ["v1.*"], options: options))
        {
            Console.WriteLine($"{tag.Tag}: {tag.State}, {tag.SentBytes} bytes");
        }
    }
}
