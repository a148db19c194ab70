using System.Globalization;
using Chat.AppHost;
using Chat.AppHost.Breaking;
using Chat.AppHost.Running;
using Microsoft.Extensions.Configuration;

// The whole system, in the order in which a message meets it. Switches: --Chat:Nodes, --Chat:Redis, --Chat:Ports:Balancer, --Chat:Ports:Web.
var builder = DistributedApplication.CreateBuilder(args);
var ports = new RunPorts(builder.Configuration);

// Signs the access tokens. Made up anew for every run, unless Parameters:token-key is set.
var tokenKey = builder.AddParameter("token-key", new GenerateParameterDefault { MinLength = 32 }, secret: true)
    .WithDescription("Signs the access tokens: at least 32 characters, the same for all nodes. Made up anew for every run when it is not set.");

// Room logs, fan-out and leases: Chat.Redis, a container, or a server that runs already.
var redis = builder.AddChatRedis();

// The chat itself, as often as asked for. Each node tells Redis its own address.
var node = builder.AddChatNode("node")
    .WithReplicas(builder.Configuration.GetValue("Chat:Nodes", 3))
    .WithReference(redis.Connection)
    .WithEnvironment("Chat__TokenKey", tokenKey)
    .WithDrainMax("Chat__DrainTimeout", StopOrder.DrainMax.ToString())
    .WithSettings("Chat", except: ["Nodes", "Redis", "RedisData", "RedisVolume", "TraceRatio", "Ports", "TokenKey", "Balancer"])
    .WithTelemetry()
    .WithEndpoint("http", endpoint => endpoint.Port = null)
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Health of any node", url.Url + "/health/ready"))
    .WithReadiness("/health/ready")
    .WithFaults(Fault.Drain, Fault.Pause, Fault.Resume, Fault.Kill)
    .WaitForServer(redis);

// The door: finds the nodes by their leases in Redis, and spreads the WebSockets over them.
var balancer = builder.AddProject<Projects.Chat_Balancer>("balancer")
    .WithReference(redis.Connection)
    .WithReferenceRelationship(node)
    .WithDrainMax("Chat__Balancer__DrainSeconds", StopOrder.DrainMax.TotalSeconds.ToString(CultureInfo.InvariantCulture))
    .WithSettings("Chat:Balancer")
    .WithTelemetry()
    .WithEndpoint("http", endpoint => endpoint.Port = ports.Balancer)
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Status", url.Url + "/balancer/status"))
    .WithReadiness("/balancer/health/ready")
    .WithFaults(Fault.Pause, Fault.Resume, Fault.Kill)
    .WaitFor(node);

// The page, which talks to the balancer alone. Its development server is not published: what is deployed is its build, as files.
var packages = builder.AddExecutable("web-packages", "npm", "../chat-web", "install", "--no-audit", "--no-fund")
    .WithHiddenOnCompletion()
    .ExcludeFromManifest();
var web = builder.AddNpmApp("web", "../chat-web", "dev")
    .WithReference(balancer)
    .WithHttpEndpoint(port: ports.Web, env: "PORT")
    .WithEnvironment("CHAT_DASHBOARD_URL", builder.Configuration["ASPNETCORE_URLS"]?.Split(';')[0])
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => url.DisplayText = "Chat")
    .WithReadiness("/")
    .ExcludeFromManifest()
    .WaitForCompletion(packages)
    .WaitFor(balancer);

// What breaks it and what it costs: started by hand, on clusters of their own.
builder.AddWorkbench();

builder.EndWithLauncher();
builder.StopInOrder([web, balancer, node], [redis.Server]);
return await builder.RunAsync(ports);
