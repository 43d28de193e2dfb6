using Blobs.Containerd.Api;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>The services of containerd that we call.</summary>
internal sealed class Services(CallInvoker invoker)
{
    public Api.Images.ImagesClient Images { get; } = new(invoker);

    public Content.ContentClient Content { get; } = new(invoker);

    public Snapshots.SnapshotsClient Snapshots { get; } = new(invoker);

    public Leases.LeasesClient Leases { get; } = new(invoker);

    public Diff.DiffClient Diff { get; } = new(invoker);

    public Namespaces.NamespacesClient Namespaces { get; } = new(invoker);

    public Introspection.IntrospectionClient Introspection { get; } = new(invoker);
}
