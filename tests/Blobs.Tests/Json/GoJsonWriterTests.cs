using System.Text;
using Blobs.Json.Internal;

namespace Blobs.Tests.Json;

public sealed class GoJsonWriterTests
{
    [Fact]
    public void Writes_members_in_order_without_white_space()
    {
        var writer = new GoJsonWriter();
        writer.BeginObject();
        writer.Name("b");
        writer.Strings(["x", "<&>"]);
        writer.Name("a");
        writer.Map(new Dictionary<string, string> { ["z"] = "1", ["B"] = "2" });
        writer.Name("n");
        writer.Strings(null);
        writer.Name("s");
        writer.Set(["80/tcp", "443/tcp"]);
        writer.Name("t");
        writer.Boolean(true);
        writer.Name("i");
        writer.Number(-5);
        writer.Name("e");
        writer.BeginArray();
        writer.EndArray();
        writer.EndObject();
        Assert.Equal(
            """{"b":["x","\u003c\u0026\u003e"],"a":{"B":"2","z":"1"},"n":null,"s":{"443/tcp":{},"80/tcp":{}},"t":true,"i":-5,"e":[]}""",
            Encoding.UTF8.GetString(writer.Written));
    }

    [Fact]
    public void Orders_names_by_code_point()
    {
        string[] names = ["\ud83d\ude00", "\uffee", "a", "ab", ""];
        Assert.Equal(["", "a", "ab", "\uffee", "\ud83d\ude00"], names.Order(GoOrder.Instance));
    }
}
