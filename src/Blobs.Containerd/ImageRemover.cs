using Blobs.Containerd.Api;

namespace Blobs.Containerd;

/// <summary>Removes names of images.</summary>
internal static class ImageRemover
{
    public static async Task<RemovedName> RunAsync(
        Services services, string name, bool isForced, CancellationToken cancellationToken)
    {
        IReadOnlyList<ContainerdImage> images = await ImageNames.ListAsync(services, cancellationToken).ConfigureAwait(false);
        ContainerdImage found = ImageNames.Find(images, name);
        string[] all = [.. images.Where(image => image.Target.Digest == found.Target.Digest).Select(image => image.Name)];
        bool isName = found.Name == name || ImageNames.TryParse(name) is { } reference && found.Name == $"{reference.WithDefaultTag()}";
        if (!isName && all.Length > 1 && !isForced)
        {
            throw new ContainerdException("FailedPrecondition", $"{name}: has {all.Length} names: {string.Join(", ", all)}");
        }

        string[] removed = isName ? [found.Name] : all;
        foreach (string one in removed)
        {
            // Only the last one waits for the collector.
            var request = new DeleteImageRequest { Name = one, Sync = one == removed[^1] };
            await services.Images.DeleteAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return new RemovedName(removed, removed.Length == all.Length ? found.Target.Digest : null);
    }
}
