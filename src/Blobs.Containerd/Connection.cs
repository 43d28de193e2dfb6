using System.Net.Sockets;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace Blobs.Containerd;

/// <summary>The connection to a containerd, and its services as one namespace sees them.</summary>
internal sealed class Connection : IDisposable
{
    private const string NamespaceHeader = "containerd-namespace";
    private const string LeaseHeader = "containerd-lease";

    private static readonly string[] RetriedServices =
    [
        "containerd.services.images.v1.Images",
        "containerd.services.leases.v1.Leases",
        "containerd.services.snapshots.v1.Snapshots",
        "containerd.services.introspection.v1.Introspection",
    ];

    private readonly string _socket;
    private readonly GrpcChannel _channel;

    public Connection(string socket, string @namespace)
    {
        _socket = socket;
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = (_, stop) => ConnectAsync(stop),
                EnableMultipleHttp2Connections = true,
                UseProxy = false,
            },
            DisposeHttpClient = true,
            ThrowOperationCanceledOnCancellation = true,

            // containerd itself sends 16 MiB at most.
            MaxReceiveMessageSize = null,
            ServiceConfig = new ServiceConfig { MethodConfigs = { Retried() } },
        });
        Invoker = _channel.Intercept(headers => With(headers, NamespaceHeader, @namespace));
        Services = new Services(Invoker);
    }

    /// <summary>The number of the process that listens; null before the first call, and when it cannot be seen.</summary>
    public int? Daemon { get; private set; }

    /// <summary>Calls without a lease.</summary>
    public Services Services { get; }

    private CallInvoker Invoker { get; }

    /// <summary>The services, with a lease on everything that they make.</summary>
    public Services Under(string lease) => new(Invoker.Intercept(headers => With(headers, LeaseHeader, lease)));

    public void Dispose() => _channel.Dispose();

    private static Metadata With(Metadata headers, string name, string value)
    {
        headers.Add(name, value);
        return headers;
    }

    // containerd is being restarted. Whatever a repeated call finds done already is no error to its caller.
    private static MethodConfig Retried()
    {
        var config = new MethodConfig
        {
            RetryPolicy = new RetryPolicy
            {
                MaxAttempts = 5,
                InitialBackoff = TimeSpan.FromMilliseconds(100),
                MaxBackoff = TimeSpan.FromSeconds(1),
                BackoffMultiplier = 2,
                RetryableStatusCodes = { StatusCode.Unavailable },
            },
        };
        foreach (string service in RetriedServices)
        {
            config.Names.Add(new MethodName { Service = service });
        }

        foreach (string method in (string[])["Info", "Update", "Abort"])
        {
            config.Names.Add(new MethodName { Service = "containerd.services.content.v1.Content", Method = method });
        }

        return config;
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken).ConfigureAwait(false);
            Daemon = PeerOf(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException fault)
        {
            // Its own message does not say which socket.
            socket.Dispose();
            throw new IOException($"{_socket}: {fault.Message}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // struct ucred, of which the first member is the process.
    private static int? PeerOf(Socket socket)
    {
        const int SocketLevel = 1;
        const int PeerCredentials = 17;
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        int length = socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        int process = length == credentials.Length ? BitConverter.ToInt32(credentials) : 0;
        return process > 0 ? process : null;
    }
}
