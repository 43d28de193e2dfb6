using Blobs.Images;
using Blobs.Pipeline;
using Blobs.Transfer;

namespace Blobs.Samples;

/// <summary>
/// A scanner: lists the packages of Debian, Alpine and .NET in an image. Layers are read once, as they stream from
/// wherever the image is; nothing is unpacked.
/// <code>scan docker://alpine:3.20|oci:DIR|docker-archive:FILE|…</code>
/// </summary>
internal static class PackageScanner
{
    public static async Task<int> RunAsync(string[] args)
    {
        await using OpenedSource source = await OpenedSource.OpenAsync(ImagePlace.Parse(args[0]));
        var found = new SortedDictionary<string, Package[]>(StringComparer.Ordinal);
        foreach (ImageLayer layer in source.Image!.Layers)
        {
            var lists = new PackageLists();
            await using Stream content = await layer.OpenAsync();
            LayerSummary summary = await LayerPipeline.RunAsync(content, new LayerPipelineOptions { Entries = lists });
            if (summary.DiffId != layer.DiffId)
            {
                throw new InvalidDataException($"a layer is {summary.DiffId}, expected {layer.DiffId}");
            }

            // A file of this layer hides that of the layers below, and so does a whiteout.
            foreach (string path in found.Keys.Where(lists.Hides).ToArray())
            {
                found.Remove(path);
            }

            foreach ((string path, Package[] packages) in lists.Found)
            {
                found[path] = packages;
            }
        }

        foreach (Package package in found.Values.SelectMany(packages => packages).Distinct().Order())
        {
            Console.WriteLine($"{package.Kind} {package.Name} {package.Version}");
        }

        return 0;
    }
}
