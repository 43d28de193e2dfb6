using System.Security.Cryptography;
using Blobs.Containerd.Api;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Lease = Blobs.Containerd.Api.Lease;

namespace Blobs.Tests.Testing;

/// <summary>A containerd of one namespace as far as we call it, in memory, with snapshots in a folder. It can do what a test says, and it
/// fails when a test says so.</summary>
internal sealed class ScriptedContainerd : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly Lock _lock = new();
    private readonly List<(string Method, StatusCode Code, bool IsDone)> _faults = [];

    private ScriptedContainerd(string folder)
    {
        _folder = folder;
        Address = Path.Combine(folder, "sock");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.ListenUnixSocket(Address, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = 16 << 20);
        builder.Services.AddSingleton(this);
        builder.Services.AddSingleton<IServiceMethodProvider<ScriptedContainerd>>(new ScriptedMethods());
        _app = builder.Build();
        _app.MapGrpcService<ScriptedContainerd>();
    }

    public string Address { get; }

    /// <summary>Whether snapshots get their parent when they are committed.</summary>
    public bool CanRebase { get; init; }

    /// <summary>The blob of this reference is being written by somebody else.</summary>
    public string? Locked { get; set; }

    /// <summary>After how many pieces of a blob the connection is cut; counts down.</summary>
    public int PiecesUntilCut { get; set; } = -1;

    /// <summary>What was called, in order.</summary>
    public List<string> Calls { get; } = [];

    public Dictionary<string, (byte[] Bytes, Dictionary<string, string> Labels)> Blobs { get; } = [];

    public Dictionary<string, MemoryStream> Ingests { get; } = [];

    public Dictionary<string, ScriptedSnapshot> Snapshots { get; } = [];

    public Dictionary<string, Image> Images { get; } = [];

    public Dictionary<string, Lease> Leases { get; } = [];

    public static async Task<ScriptedContainerd> StartAsync(string folder, bool canRebase = false)
    {
        var server = new ScriptedContainerd(folder) { CanRebase = canRebase };
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The next call of a method fails.</summary>
    /// <param name="method">Such as <c>Snapshots/Commit</c>.</param>
    /// <param name="code">The failure.</param>
    /// <param name="isDone">Whether it does its work nevertheless.</param>
    public void Fail(string method, StatusCode code, bool isDone = false) => _faults.Add((method, code, isDone));

    /// <summary>The trees of a stack, the top one first.</summary>
    public IEnumerable<string> TreesOf(string name)
    {
        for (string key = name; key.Length > 0; key = Snapshots[key].Parent)
        {
            yield return Snapshots[key].Folder;
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Does a call, as the script says.</summary>
    public T Do<T>(string method, ServerCallContext context, Func<T> work)
    {
        lock (_lock)
        {
            Calls.Add(method);
            if (context.RequestHeaders.GetValue("containerd-namespace") is null)
            {
                throw Error(StatusCode.FailedPrecondition);
            }

            int at = _faults.FindIndex(fault => fault.Method == method);
            if (at < 0)
            {
                return work();
            }

            (_, StatusCode code, bool isDone) = _faults[at];
            _faults.RemoveAt(at);
            if (isDone)
            {
                work();
            }

            throw Error(code);
        }
    }

    /// <summary>What makes something must have a lease.</summary>
    public void NeedLease(ServerCallContext context)
    {
        if (!Leases.ContainsKey(context.RequestHeaders.GetValue("containerd-lease") ?? ""))
        {
            throw Error(StatusCode.NotFound);
        }
    }

    public PrepareSnapshotResponse Prepare(PrepareSnapshotRequest request)
    {
        if (Snapshots.ContainsKey(request.Key) || Snapshots.ContainsKey(request.Labels["containerd.io/snapshot.ref"]))
        {
            throw Error(StatusCode.AlreadyExists);
        }

        string folder = Directory.CreateDirectory(Path.Combine(_folder, "snapshots", $"{Snapshots.Count}-{Guid.NewGuid():N}", "fs")).FullName;
        Snapshots.Add(request.Key, new ScriptedSnapshot(folder, request.Parent, Kind.Active));
        return new PrepareSnapshotResponse { Mounts = { MountOf(folder, request.Parent) } };
    }

    public ViewSnapshotResponse View(ViewSnapshotRequest request)
    {
        Snapshots.Add(request.Key, new ScriptedSnapshot("", request.Parent, Kind.View));
        string[] trees = [.. TreesOf(request.Parent)];
        var mount = new Mount { Type = trees.Length == 1 ? "bind" : "overlay", Source = trees[0], Options = { $"lowerdir={string.Join(':', trees)}" } };
        return new ViewSnapshotResponse { Mounts = { mount } };
    }

    public void Commit(CommitSnapshotRequest request)
    {
        if (!Snapshots.Remove(request.Key, out ScriptedSnapshot? active))
        {
            throw Error(StatusCode.NotFound);
        }

        string parent = CanRebase && request.Parent.Length > 0 ? request.Parent : active.Parent;
        if ((parent.Length > 0 && !Snapshots.ContainsKey(parent))
            || !Snapshots.TryAdd(request.Name, active with { Parent = parent, Kind = Kind.Committed }))
        {
            Snapshots.Add(request.Key, active);
            throw Error(StatusCode.AlreadyExists);
        }
    }

    public WriteContentResponse Begin(WriteContentRequest request)
    {
        if (Blobs.ContainsKey(request.Expected))
        {
            throw Error(StatusCode.AlreadyExists);
        }

        if (request.Ref == Locked)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"ref {request.Ref} locked: unavailable"));
        }

        Ingests.TryAdd(request.Ref, new MemoryStream());
        return new WriteContentResponse { Action = WriteAction.Stat, Offset = Ingests[request.Ref].Length };
    }

    public WriteContentResponse Write(WriteContentRequest request)
    {
        MemoryStream ingest = Ingests[request.Ref];
        if (request.Offset != ingest.Length)
        {
            throw Error(StatusCode.OutOfRange);
        }

        if (request.Action == WriteAction.Write && PiecesUntilCut-- == 0)
        {
            throw Error(StatusCode.Unavailable);
        }

        request.Data.WriteTo(ingest);
        if (request.Action == WriteAction.Commit)
        {
            string digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(ingest.ToArray()))}";
            if (digest != request.Expected || (request.Total > 0 && request.Total != ingest.Length))
            {
                throw Error(StatusCode.FailedPrecondition);
            }

            Ingests.Remove(request.Ref);
            if (!Blobs.TryAdd(digest, (ingest.ToArray(), new Dictionary<string, string>(request.Labels))))
            {
                throw Error(StatusCode.AlreadyExists);
            }
        }

        return new WriteContentResponse { Action = request.Action, Offset = ingest.Length };
    }

    public static RpcException Error(StatusCode code) => new(new Status(code, "as the script says"));

    private Mount MountOf(string folder, string parent) => parent.Length == 0
        ? new Mount { Type = "bind", Source = folder, Options = { "rw", "rbind" } }
        : new Mount
        {
            Type = "overlay",
            Source = "overlay",
            Options = { "index=off", $"upperdir={folder}", $"lowerdir={string.Join(':', TreesOf(parent))}" },
        };
}
