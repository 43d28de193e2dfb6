using Blobs.Containerd.Api;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Blobs.Tests.Testing;

/// <summary>The methods of containerd's services, answered by <see cref="ScriptedContainerd"/>.</summary>
internal sealed class ScriptedMethods : IServiceMethodProvider<ScriptedContainerd>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<ScriptedContainerd> context)
    {
        AddLeases(context);
        AddSnapshots(context);
        AddContent(context);
        AddImages(context);
        Unary<PluginsRequest, PluginsResponse>(context, "introspection", "Introspection", "Plugins", (server, _, _) =>
        {
            var snapshotter = new Plugin { Type = "io.containerd.snapshotter.v1", Id = "overlayfs" };
            snapshotter.Capabilities.Add(server.CanRebase ? ["rebase"] : (string[])[]);
            return new PluginsResponse { Plugins = { snapshotter, new Plugin { Type = "io.containerd.snapshotter.v1", Id = "native" } } };
        });
        Unary<ApplyRequest, ApplyResponse>(context, "diff", "Diff", "Apply", (_, request, _) =>
            new ApplyResponse { Applied = new Target { Digest = request.Diff.Digest } });
    }

    private static void AddLeases(ServiceMethodProviderContext<ScriptedContainerd> context)
    {
        Unary<CreateLeaseRequest, CreateLeaseResponse>(context, "leases", "Leases", "Create", (server, request, _) =>
            server.Leases.TryAdd(request.Id, new Lease { Id = request.Id, Labels = { request.Labels } })
                ? new CreateLeaseResponse { Lease = server.Leases[request.Id] }
                : throw ScriptedContainerd.Error(StatusCode.AlreadyExists));
        Unary<ListLeasesRequest, ListLeasesResponse>(context, "leases", "Leases", "List", (server, _, _) =>
            new ListLeasesResponse { Leases = { server.Leases.Values } });
        Unary<AddResourceRequest, Empty>(context, "leases", "Leases", "AddResource", (_, _, _) => new Empty());
        Unary<DeleteLeaseRequest, Empty>(context, "leases", "Leases", "Delete", (server, request, _) =>
            server.Leases.Remove(request.Id) ? new Empty() : throw ScriptedContainerd.Error(StatusCode.NotFound));
    }

    private static void AddSnapshots(ServiceMethodProviderContext<ScriptedContainerd> context)
    {
        Unary<PrepareSnapshotRequest, PrepareSnapshotResponse>(context, "snapshots", "Snapshots", "Prepare", (server, request, call) =>
        {
            server.NeedLease(call);
            return server.Prepare(request);
        });
        Unary<ViewSnapshotRequest, ViewSnapshotResponse>(context, "snapshots", "Snapshots", "View", (server, request, _) => server.View(request));
        Unary<CommitSnapshotRequest, Empty>(context, "snapshots", "Snapshots", "Commit", (server, request, call) =>
        {
            server.NeedLease(call);
            server.Commit(request);
            return new Empty();
        });
        Unary<RemoveSnapshotRequest, Empty>(context, "snapshots", "Snapshots", "Remove", (server, request, _) =>
            server.Snapshots.Remove(request.Key) ? new Empty() : throw ScriptedContainerd.Error(StatusCode.NotFound));
        Unary<StatSnapshotRequest, StatSnapshotResponse>(context, "snapshots", "Snapshots", "Stat", (server, request, _) =>
            server.Snapshots.TryGetValue(request.Key, out ScriptedSnapshot? found)
                ? new StatSnapshotResponse { Info = new SnapshotInfo { Name = request.Key, Parent = found.Parent, Kind = found.Kind } }
                : throw ScriptedContainerd.Error(StatusCode.NotFound));
    }

    private static void AddContent(ServiceMethodProviderContext<ScriptedContainerd> context)
    {
        Unary<InfoRequest, InfoResponse>(context, "content", "Content", "Info", (server, request, _) => new InfoResponse { Info = Find(server, request.Digest) });
        Unary<UpdateRequest, UpdateResponse>(context, "content", "Content", "Update", (server, request, _) =>
        {
            foreach ((string key, string value) in request.Info.Labels.Where(label => request.UpdateMask.Paths.Contains($"labels.{label.Key}")))
            {
                server.Blobs[request.Info.Digest].Labels[key] = value;
            }

            return new UpdateResponse { Info = Find(server, request.Info.Digest) };
        });
        Unary<AbortRequest, Empty>(context, "content", "Content", "Abort", (server, request, _) =>
            server.Ingests.Remove(request.Ref) ? new Empty() : throw ScriptedContainerd.Error(StatusCode.NotFound));
        context.AddServerStreamingMethod(
            MethodOf<ReadContentRequest, ReadContentResponse>(MethodType.ServerStreaming, "content", "Content", "Read"),
            [],
            async (server, request, responses, call) =>
            {
                ReadOnlyMemory<byte> rest = server.Do("Content/Read", call, () =>
                    server.Blobs.TryGetValue(request.Digest, out var found)
                        ? found.Bytes.AsMemory((int)request.Offset)
                        : throw ScriptedContainerd.Error(StatusCode.NotFound));
                const int PieceBytes = 1000;
                for (; !rest.IsEmpty; rest = rest[Math.Min(PieceBytes, rest.Length)..])
                {
                    await responses.WriteAsync(new ReadContentResponse { Data = ByteString.CopyFrom(rest.Span[..Math.Min(PieceBytes, rest.Length)]) });
                }
            });
        context.AddDuplexStreamingMethod(
            MethodOf<WriteContentRequest, WriteContentResponse>(MethodType.DuplexStreaming, "content", "Content", "Write"),
            [],
            async (server, requests, responses, call) =>
            {
                while (await requests.MoveNext(call.CancellationToken))
                {
                    WriteContentRequest request = requests.Current;
                    await responses.WriteAsync(server.Do($"Content/{request.Action}", call, () =>
                    {
                        server.NeedLease(call);
                        return request.Action == WriteAction.Stat ? server.Begin(request) : server.Write(request);
                    }));
                }
            });
    }

    private static void AddImages(ServiceMethodProviderContext<ScriptedContainerd> context)
    {
        Unary<ListImagesRequest, ListImagesResponse>(context, "images", "Images", "List", (server, _, _) =>
            new ListImagesResponse { Images = { server.Images.Values } });
        Unary<GetImageRequest, GetImageResponse>(context, "images", "Images", "Get", (server, request, _) =>
            server.Images.TryGetValue(request.Name, out Image? found)
                ? new GetImageResponse { Image = found }
                : throw ScriptedContainerd.Error(StatusCode.NotFound));
        Unary<CreateImageRequest, CreateImageResponse>(context, "images", "Images", "Create", (server, request, _) =>
            server.Images.TryAdd(request.Image.Name, request.Image)
                ? new CreateImageResponse { Image = request.Image }
                : throw ScriptedContainerd.Error(StatusCode.AlreadyExists));
        Unary<UpdateImageRequest, UpdateImageResponse>(context, "images", "Images", "Update", (server, request, _) =>
        {
            if (!server.Images.TryGetValue(request.Image.Name, out Image? image))
            {
                throw ScriptedContainerd.Error(StatusCode.NotFound);
            }

            image.Target = request.Image.Target;
            return new UpdateImageResponse { Image = image };
        });
        Unary<DeleteImageRequest, Empty>(context, "images", "Images", "Delete", (server, request, _) =>
            server.Images.Remove(request.Name) ? new Empty() : throw ScriptedContainerd.Error(StatusCode.NotFound));
    }

    private static Info Find(ScriptedContainerd server, string digest) => server.Blobs.TryGetValue(digest, out var found)
        ? new Info { Digest = digest, Size = found.Bytes.Length, Labels = { found.Labels } }
        : throw ScriptedContainerd.Error(StatusCode.NotFound);

    private static void Unary<TRequest, TResponse>(
        ServiceMethodProviderContext<ScriptedContainerd> context,
        string package,
        string service,
        string method,
        Func<ScriptedContainerd, TRequest, ServerCallContext, TResponse> work)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        context.AddUnaryMethod(
            MethodOf<TRequest, TResponse>(MethodType.Unary, package, service, method),
            [],
            (server, request, call) => Task.FromResult(server.Do($"{service}/{method}", call, () => work(server, request, call))));

    private static Method<TRequest, TResponse> MethodOf<TRequest, TResponse>(MethodType type, string package, string service, string method)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new(type, $"containerd.services.{package}.v1.{service}", method, MarshallerOf<TRequest>(), MarshallerOf<TResponse>());

    private static Marshaller<T> MarshallerOf<T>()
        where T : class, IMessage<T>, new() =>
        Marshallers.Create(message => message.ToByteArray(), bytes =>
        {
            var message = new T();
            message.MergeFrom(bytes);
            return message;
        });
}
