using System.Net;
using System.Text;
using Blobs.Distribution.Client;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Distribution.Client;

/// <summary>A registry without a socket. It returns prepared responses, and records the requests.</summary>
internal sealed class FakeRegistry : HttpMessageHandler
{
    public const string Domain = "registry.example";

    private readonly Dictionary<string, Queue<Func<HttpRequestMessage, HttpResponseMessage>>> _answers = [];

    public FakeRegistry(bool isOpen = true)
    {
        if (isOpen)
        {
            On("GET /v2/", _ => Text("{}"));
        }
    }

    /// <summary>Method, address and credentials of each request.</summary>
    public List<string> Asked { get; } = [];

    public List<HttpRequestMessage> Requests { get; } = [];

    public Dictionary<string, byte[]> Bodies { get; } = [];

    /// <summary>The declared length of each request body; null for a body that was generated while it was
    /// sent.</summary>
    public Dictionary<string, long?> Lengths { get; } = [];

    public QuickTime Time { get; } = new();

    /// <summary>Answers what no prepared response is for; null for a 404.</summary>
    public Func<HttpRequestMessage, byte[], HttpResponseMessage?>? Otherwise { get; init; }

    public static ImageReference Image { get; } = ImageReference.Parse($"{Domain}/app:1");

    /// <summary>Sets the responses for "METHOD /path", or for "METHOD https://host/path" on other hosts. They are
    /// returned in turn; the last one is repeated.</summary>
    public FakeRegistry On(string what, params Func<HttpRequestMessage, HttpResponseMessage>[] answers)
    {
        _answers[what] = new Queue<Func<HttpRequestMessage, HttpResponseMessage>>(answers);
        return this;
    }

    public RegistryClient Client(ICredentialSource? credentials = null, int retries = 3) => new(Options(credentials, retries));

    public RegistryClientOptions Options(ICredentialSource? credentials = null, int retries = 3) => new()
    {
        Handler = this,
        Credentials = credentials ?? new Login(null),
        Retries = retries,
        Time = Time,
        IdleTimeout = TimeSpan.FromSeconds(1),
    };

    public RegistryRepository Repository(ICredentialSource? credentials = null, int retries = 3) =>
        Client(credentials, retries).Repository(Image);

    public static HttpResponseMessage Text(string text, string type = "application/json") =>
        Bytes(Encoding.UTF8.GetBytes(text), type);

    public static HttpResponseMessage Bytes(byte[] bytes, string type = "application/octet-stream") => new(HttpStatusCode.OK)
    {
        Content = new ByteArrayContent(bytes) { Headers = { ContentType = new(type) } },
    };

    public static HttpResponseMessage Status(int status, string body = "", params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
        foreach ((string name, string value) in headers)
        {
            Assert.True(response.Headers.TryAddWithoutValidation(name, value));
        }

        return response;
    }

    public static HttpResponseMessage Refused(string challenge) => Status(401, "", ("WWW-Authenticate", challenge));

    /// <summary>A body of unknown length.</summary>
    public static HttpResponseMessage Stream(Stream body, int status = 200) =>
        new((HttpStatusCode)status) { Content = new StreamContent(body) };

    public static Descriptor Describe(byte[] bytes) =>
        new() { Digest = Digest.OfSha256(bytes), Size = bytes.Length, MediaType = MediaTypes.OctetStream };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        long? length = request.Content?.Headers.ContentLength;
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        HttpResponseMessage response;
        lock (_answers)
        {
            response = Answer(request, body, length);
        }

        response.RequestMessage = request;
        return response;
    }

    private HttpResponseMessage Answer(HttpRequestMessage request, byte[] body, long? length)
    {
        Uri address = request.RequestUri!;
        string place = address.IdnHost == Domain ? address.AbsolutePath : address.GetLeftPart(UriPartial.Path);
        string what = $"{request.Method} {place}";
        Asked.Add($"{request.Method} {(address.IdnHost == Domain ? address.PathAndQuery : address.AbsoluteUri)} {request.Headers.Authorization}".TrimEnd());
        Requests.Add(request);
        Lengths[what] = length;
        Bodies[what] = body;
        if (_answers.TryGetValue(what, out var answers))
        {
            return (answers.Count > 1 ? answers.Dequeue() : answers.Peek())(request);
        }

        return Otherwise?.Invoke(request, body) ?? Status(404, """{"errors":[{"code":"NAME_UNKNOWN","message":"nothing here"}]}""");
    }
}
