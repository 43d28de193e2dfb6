using Blobs.Containerd.Api;
using Blobs.Oci;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>Gives names to images.</summary>
internal static class ImageWriter
{
    /// <summary>The namespace of Kubernetes.</summary>
    public const string Kubernetes = "k8s.io";

    private const string ManagedByCri = "io.cri-containerd.image";

    /// <summary>The labels of names in a namespace: Kubernetes expects one.</summary>
    public static IReadOnlyDictionary<string, string> LabelsIn(string @namespace) => @namespace == Kubernetes
        ? new Dictionary<string, string> { [ManagedByCri] = "managed" }
        : new Dictionary<string, string>();

    /// <summary>Makes a name, or changes what it refers to. Other labels of it stay.</summary>
    public static async Task SetAsync(
        Services services,
        string name,
        Descriptor target,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken)
    {
        var image = new Image
        {
            Name = name,
            Target = new Target { MediaType = target.MediaType, Digest = $"{target.Digest}", Size = target.Size },
            Labels = { labels.ToDictionary() },
        };
        while (true)
        {
            try
            {
                await services.Images.CreateAsync(new CreateImageRequest { Image = image }, cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
                return;
            }
            catch (RpcException fault) when (fault.StatusCode == StatusCode.AlreadyExists)
            {
            }

            try
            {
                var mask = new FieldMask { Paths = { "target" } };
                mask.Paths.Add(labels.Keys.Select(key => $"labels.{key}"));
                var update = new UpdateImageRequest { Image = image, UpdateMask = mask };
                await services.Images.UpdateAsync(update, cancellationToken: cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RpcException fault) when (fault.StatusCode == StatusCode.NotFound)
            {
                // Somebody removed the name between the two calls.
            }
        }
    }
}
