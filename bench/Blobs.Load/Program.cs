using System.Diagnostics;
using System.Globalization;
using System.Net;
using Blobs.Compression;
using Blobs.Load;
using Blobs.Pipeline;

// The same bounded load for any registry on loopback:
//   Blobs.Load push|pull PORT[,PORT…] [--clients 16] [--blobs 64] [--mib 16] [--seed 1] [--repository load] [--content-length]
// Prints seconds, bytes and a check value over the digests; exits with 1 on an unexpected answer.
// And the floor of `blobs append`: Blobs.Load encode reads a tar from standard input, compresses it as a layer, and keeps nothing.
if (args is ["encode"])
{
    using Stream tar = Console.OpenStandardInput();
    EncodedLayer layer = await LayerEncoder.EncodeAsync(tar, Stream.Null, new LayerEncodeOptions { Compression = CompressionKind.Gzip });
    Console.WriteLine($"{layer.Digest} {layer.Length}");
    return 0;
}

string verb = args.Length > 1 ? args[0] : "";
if (verb is not ("push" or "pull"))
{
    Console.Error.WriteLine("Blobs.Load push|pull PORT[,PORT…] [--clients N] [--blobs N] [--mib N] [--seed N] [--repository NAME] [--content-length]");
    return 2;
}

IPEndPoint[] hosts = [.. args[1].Split(',').Select(port => new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)))];
int clientCount = Number("--clients", 16);
string repository = Text("--repository", "load");
bool isChunked = !args.Contains("--content-length");
Blob[] blobs = Blob.Make(Number("--blobs", 64), Number("--mib", 16) << 20, Number("--seed", 1));

// Every client has its own connection and thread, and takes the next blob when it has finished one.
int next = -1;
var clock = Stopwatch.StartNew();
Exception? fault = null;
Thread[] clients = [.. Enumerable.Range(0, clientCount).Select(_ => new Thread(Work))];
Array.ForEach(clients, client => client.Start());
Array.ForEach(clients, client => client.Join());
double seconds = clock.Elapsed.TotalSeconds;
if (fault is not null)
{
    Console.Error.WriteLine($"Blobs.Load: {fault.Message}");
    return 1;
}

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"{seconds:f3} {blobs.Sum(blob => (long)blob.Length)} {Blob.Check(blobs)}"));
return 0;

void Work()
{
    try
    {
        using var connection = new RegistryConnection(hosts, repository);
        for (int i = Interlocked.Increment(ref next); i < blobs.Length; i = Interlocked.Increment(ref next))
        {
            if (verb == "push")
            {
                connection.Push(blobs[i], isChunked);
            }
            else
            {
                connection.Pull(blobs[i]);
            }
        }
    }
    catch (Exception error)
    {
        fault = error;
    }
}

string Text(string name, string usual) => Array.IndexOf(args, name) is var i && i >= 0 ? args[i + 1] : usual;

int Number(string name, int usual) => int.Parse(Text(name, usual.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
