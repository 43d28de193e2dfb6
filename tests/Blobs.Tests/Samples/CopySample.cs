using Blobs.Transfer;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs.Transfer/README.md.</summary>
internal static class CopySample
{
    public static async Task RunAsync(string from, string to)
    {
        await ImageCopier.CopyAsync(ImagePlace.Parse(from), ImagePlace.Parse(to));
    }
}
